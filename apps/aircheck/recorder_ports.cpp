#include "aircheck/recorder_ports.hpp"

#include <filesystem>

#include "aircheck/signals.hpp"
#include "files/folder_replacement.hpp"
#include "files/folder_store.hpp"
#include "sqlite/jobs.hpp"

namespace aircheck::apps {
namespace {

Result<void> check(const RecorderPlace& place) {
  if (place.data.empty() == place.table.empty())
    return fail(ErrorKind::invalid_input, "a recorder needs either --data or --table");
  if (place.in_account() && place.bucket.empty())
    return fail(ErrorKind::invalid_input, "--table needs --bucket (AIRCHECK_BUCKET)");
  return {};
}

}  // namespace

Result<std::unique_ptr<RecorderPorts>> RecorderPorts::open(const RecorderPlace& place) {
  TRY(check(place));
  auto self = std::make_unique<RecorderPorts>();
  TRY(place.in_account() ? self->open_account(place) : self->open_folder(place));
  return self;
}

Result<void> RecorderPorts::open_folder(const RecorderPlace& place) {
  const std::filesystem::path data = place.data;
  jobs_ = TRY(sqlite::SqliteJobs::open((data / "aircheck.db").string(), clock_));
  if (place.store.empty()) recordings_ = std::make_unique<files::FolderStore>(data);
  else use_bucket(TRY(bucket_from(place.store, place.flags)));
  return {};
}

Result<void> RecorderPorts::open_account(const RecorderPlace& place) {
  use_bucket({.name = place.bucket,
              .prefix = place.prefix,
              .equal_parts = place.flags.equal_parts,
              .path_style = place.flags.path_style});
  jobs_ = std::make_unique<aws::DynamoJobs>(account_->client, clock_, place.table);
  return {};
}

void RecorderPorts::use_bucket(const cloud::Bucket& bucket) {
  account_ = std::make_unique<cloud::Account>(Signals::insist);
  auto store = std::make_unique<aws::S3Store>(account_->client, cloud::bucket_options(bucket),
                                              cloud::writer_options(bucket), files::temporary_file);
  bucket_ = store.get();
  recordings_ = std::move(store);
}

}  // namespace aircheck::apps
