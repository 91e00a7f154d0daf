// The export has a file for each page: "/" is index.html, "/job" is job.html, and a slash at the end changes nothing. Files keep
// their names.
function handler(event) {
  var request = event.request;
  var path = request.uri;
  while (path.endsWith('/')) path = path.slice(0, -1);
  if (path === '') path = '/index.html';
  else if (!path.split('/').pop().includes('.')) path += '.html';
  request.uri = path;
  return request;
}
