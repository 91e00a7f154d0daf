// The export has a file for each page: "/" is index.html, "/job" is job.html. Files keep their names.
function handler(event) {
  var request = event.request;
  if (request.uri.endsWith('/')) request.uri += 'index.html';
  else if (!request.uri.split('/').pop().includes('.')) request.uri += '.html';
  return request;
}
