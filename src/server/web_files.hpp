#pragma once
// The dashboard's files, or the built-in page where there are none, as a function from request to response. May be called
// from several threads at once.

#include <string>

#include "api/api.hpp"

namespace aircheck::server {

class WebFiles {
 public:
  /// `root`: the folder of a static export (index.html, job.html, _next/static/…); empty: the built-in page. `media_origin`:
  /// where pages may play recordings from, besides here.
  explicit WebFiles(std::string root, std::string media_origin = {})
      : root_(std::move(root)), media_origin_(std::move(media_origin)) {}
  /// The file for the request's path. "/job" is job.html, "/" index.html; what is not there is 404.html, with 404. Names
  /// that lead out of the folder, and hidden files, are never found. Where FILE.gz stands beside a file, who takes gzip
  /// gets that.
  api::Response answer(const api::Request& request) const;

 private:
  api::Response from_folder(const api::Request& request, const std::string& path) const;
  std::string root_, media_origin_;
};

/// Content-Security-Policy of a page: nothing from elsewhere, no inline style, inline scripts only by their SHA-256. The build
/// of the dashboard writes the same for hosts that send one policy for all pages (web/tools/policy.mjs).
std::string page_policy(std::string_view html, std::string_view media_origin = {});

/// A file of the built-in page.
struct BuiltinFile {
  std::string_view path, type, text;
};
/// Nothing when there is none at that path.
const BuiltinFile* find_builtin(std::string_view path);

}  // namespace aircheck::server
