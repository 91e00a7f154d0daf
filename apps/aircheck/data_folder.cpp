#include "aircheck/data_folder.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "aircheck/paths.hpp"

namespace aircheck::apps {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> cannot(std::string_view what, const fs::path& path, int error) {
  return fail(ErrorKind::io, fmt::format("cannot {} {} ({}). Name another folder with --data", what, path.string(),
                                         std::strerror(error)));
}

}  // namespace

Result<DataFolder> DataFolder::open(const fs::path& path) {
  std::error_code error;
  auto folder = fs::absolute(expand_home(path), error).lexically_normal();
  fs::create_directories(folder, error);
  if (error) return cannot("create", folder, error.value());
  const auto lock_file = folder / "server.lock";
  const int lock = ::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0) return cannot("write into", folder, errno);
  DataFolder opened(std::move(folder), lock);
  // A server that was killed a moment ago may still be ending, and a recorder that it was starting holds the lock up to exec.
  for (int i = 0; i < 40; ++i) {
    if (::flock(lock, LOCK_EX | LOCK_NB) == 0) return opened;
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  return fail(ErrorKind::conflict,
              fmt::format("another aircheck server works on {} already. Use that one, or another folder with --data",
                          opened.path().string()));
}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

DataFolder::~DataFolder() {
  if (lock_ >= 0) ::close(lock_);
}

std::string default_data_folder() { return (data_home() / "aircheck").string(); }

}  // namespace aircheck::apps
