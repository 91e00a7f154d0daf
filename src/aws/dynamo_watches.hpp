#pragma once
// The watched channels in the jobs' table (aws/dynamo_jobs.hpp). Every write is conditional, and whatever belongs together
// is one transaction. Thread-safe; borrows client and clock.
//
// The items, each with an `id` that no job has:
//   watch#<id>          the watch; `everything` is "watch", so that the index by_place lists it apart from the jobs
//   verdicts#<id>       of each watch: the ids of videos that need no question any more, apart from the watch, which is
//                       written at each look and should stay small
//   watched#<hash>      of a channel and title: there is one watch of it
//   broadcast#<video>   the job that a watch gave to a broadcast; goes after 90 days, when the job alone tells of it
//
// A job that somebody submits is found by the index, which follows the table by a moment: submitted in the very second in
// which a watch notices the broadcast, it may have two jobs.

#include <cstdint>
#include <string>
#include <vector>

#include "aws/client.hpp"
#include "core/ports.hpp"

namespace aircheck::aws {

class DynamoWatches final : public WatchStore {
 public:
  DynamoWatches(Client& client, const Clock& clock, std::string table);

  Result<Watch> create(Watch watch) override;
  Result<std::vector<Watch>> list() override;
  Result<void> replace(const Watch& watch) override;
  Result<bool> claim(const Watch& watch, const std::optional<Instant>& expected) override;
  Result<void> remove(std::string_view id) override;
  Result<std::vector<std::string>> unjudged(std::string_view id, std::vector<std::string> video_ids) override;
  Result<void> dismiss(std::string_view id, std::string_view video_id) override;
  Result<std::optional<Job>> admit(std::string_view id, Job job) override;

 private:
  struct Verdicts {
    std::vector<std::string> video_ids;  // oldest first
    std::uint64_t number = 0;            // of all so far: who adds one compares it
  };
  struct Put;  // one conditional write

  Result<Verdicts> verdicts(std::string_view id);
  Put with_verdict(std::string_view id, const Verdicts& before, std::string_view video_id) const;
  Result<bool> put(const Put& put, bool& is_there);
  Result<bool> has_job(const std::string& video_id, const std::string& job_id);

  Client& client_;
  const Clock& clock_;
  std::string table_;
};

}  // namespace aircheck::aws
