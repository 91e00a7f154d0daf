// What a folder adds to the contract: it survives SIGKILL, power cuts, full disks and other people's files.
#include "files/folder_store.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <limits>
#include <random>

#include "core/recording_replacement_contract.hpp"
#include "core/recording_store_contract.hpp"
#include "files/folder_testing.hpp"
#include "files/journal_text.hpp"

namespace aircheck::files {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr SyncOptions kNeverByItself{.interval = std::chrono::hours{1}, .least_interval = std::chrono::hours{1}};
constexpr std::string_view kKey = "recordings/2026/11/a.mkv";
constexpr std::size_t kHead = 512 * 1024;

struct FolderWorld final : RecordingStoreWorld {
  ScratchFolder folder;
  FolderStore folder_store{folder.path()};
  RecordingStore& store() override { return folder_store; }
};

class FolderStoreTest : public testing::Test {
 protected:
  fs::path path(std::string_view key = kKey) const { return scratch_.path() / key; }
  fs::path journal_path() const { return scratch_.path() / journal_key(kKey); }
  FolderStore store(std::string boot = "boot-1") const {
    return FolderStore(scratch_.path(), std::move(boot), kNeverByItself);
  }

  static std::unique_ptr<RecordingWriter> open(FolderStore store, std::string_view key = kKey) {
    auto writer = store.open(key);
    EXPECT_TRUE(writer) << writer.error().message;
    return writer ? *std::move(writer) : nullptr;
  }
  static Bytes head(char fill = 'p') { return Bytes(kHead, static_cast<std::byte>(fill)); }
  static void expect_ok(const Result<void>& result) { EXPECT_TRUE(result) << result.error().message; }
  static Result<void> append(RecordingWriter& writer, std::string_view text) {
    const ByteView piece = as_bytes(text);
    return writer.append(std::span(&piece, 1));
  }
  // One file with a commit for each text.
  static void record(RecordingWriter& writer, int index, std::initializer_list<std::string_view> texts) {
    expect_ok(writer.begin_file(index, head()));
    for (const auto text : texts) {
      expect_ok(append(writer, text));
      expect_ok(writer.commit(text));
    }
  }
  std::unique_ptr<RecordingWriter> recorded(std::initializer_list<std::string_view> texts) const {
    auto writer = open(store());
    record(*writer, 0, texts);
    return writer;
  }

  ScratchFolder scratch_;
};

// ---- the files ------------------------------------------------------------------------------------------------------

TEST_F(FolderStoreTest, a_provisional_head_has_all_of_its_room) {
  const auto writer = open(store());
  const std::string head = "head";
  expect_ok(writer->begin_file(0, as_bytes(head)));
  EXPECT_EQ(content_of(path()), head + std::string(kHead - head.size(), '\0'));
  struct stat info{};
  ASSERT_EQ(::stat(path().c_str(), &info), 0);
  EXPECT_GE(static_cast<std::size_t>(info.st_blocks) * 512, kHead) << "the final head must not need room";
}

TEST_F(FolderStoreTest, appends_more_pieces_than_the_kernel_takes_at_once) {
  const auto writer = open(store());
  expect_ok(writer->begin_file(0, head()));
  std::string expected;
  std::vector<std::string> texts;
  for (int i = 0; i < 5'000; ++i)
    texts.push_back(std::string(static_cast<std::size_t>(i % 7), static_cast<char>('a' + i % 26)));
  std::vector<ByteView> pieces;
  for (const auto& text : texts) {
    pieces.push_back(as_bytes(text));
    expected += text;
  }
  expect_ok(writer->append(pieces));
  EXPECT_EQ(writer->length(), kHead + expected.size());
  EXPECT_EQ(content_of(path()).substr(kHead), expected);
}

TEST_F(FolderStoreTest, a_file_that_lost_bytes_is_reported_and_kept) {
  ASSERT_TRUE(die_after([&] { return recorded({"first", "second"}); }));
  fs::resize_file(path(), kHead + 3);
  const auto cut = open(store())->reopen_file(0, kHead + 11);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().kind, ErrorKind::corrupt);
  EXPECT_EQ(content_of(path()).substr(kHead), "fir");
  fs::remove(path());
  const auto gone = open(store())->reopen_file(0, kHead + 11);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, ErrorKind::corrupt);
}

TEST_F(FolderStoreTest, somebody_elses_file_is_put_aside) {
  write_file(path("recordings/2026/11/a-2.mkv"), "precious");
  const auto writer = open(store());
  record(*writer, 0, {"one"});
  expect_ok(writer->finish_file(head()));
  record(*writer, 1, {"two"});
  EXPECT_EQ(content_of(path("recordings/2026/11/a-2.mkv")).substr(kHead), "two");
  EXPECT_EQ(content_of(path("recordings/2026/11/a-2.mkv.old-1")), "precious");
  // Our own is begun again without ado.
  expect_ok(writer->begin_file(1, head()));
  EXPECT_FALSE(fs::exists(path("recordings/2026/11/a-2.mkv.old-2")));
}

TEST_F(FolderStoreTest, what_was_begun_but_never_committed_is_no_recording) {
  ASSERT_TRUE(die_after([&] { return recorded({}); }));
  ASSERT_TRUE(fs::exists(path()));
  const auto writer = open(store());
  EXPECT_THAT(writer->journal(), IsEmpty());
  EXPECT_FALSE(fs::exists(path()));
}

TEST_F(FolderStoreTest, opening_alone_leaves_nothing_behind) {
  open(store());
  EXPECT_FALSE(fs::exists(journal_path()));
  write_file(path(), "finished");
  open(store());
  EXPECT_FALSE(fs::exists(journal_path()));
  EXPECT_EQ(content_of(path()), "finished");
}

TEST_F(FolderStoreTest, symbolic_links_are_not_followed) {
  const ScratchFolder outside;
  write_file(outside.path() / "a.mkv", "secret");
  fs::create_directories(scratch_.path() / "recordings");
  fs::create_directory_symlink(outside.path(), scratch_.path() / "recordings/2026");
  fs::create_symlink(outside.path() / "a.mkv", scratch_.path() / "link.mkv");
  Bytes out(10);
  for (const auto* key : {"recordings/2026/a.mkv", "link.mkv"}) {
    EXPECT_EQ(store().size(key).error().kind, ErrorKind::invalid_input) << key;
    EXPECT_EQ(store().read(key, 0, out).error().kind, ErrorKind::invalid_input) << key;
    EXPECT_FALSE(store().remove(key)) << key;
  }
  EXPECT_FALSE(store().open("recordings/2026/a.mkv"));
  EXPECT_EQ(content_of(outside.path() / "a.mkv"), "secret");
}

TEST_F(FolderStoreTest, only_regular_files_are_read_and_removed) {
  ASSERT_EQ(::mkfifo((scratch_.path() / "pipe.mkv").c_str(), 0600), 0);
  EXPECT_EQ(store().size("pipe.mkv").error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(store().remove("pipe.mkv").error().kind, ErrorKind::invalid_input);
  fs::create_directory(scratch_.path() / "folder.mkv");
  EXPECT_FALSE(store().remove("folder.mkv"));
}

TEST_F(FolderStoreTest, a_recording_under_way_is_not_removed) {
  auto writer = open(store());
  record(*writer, 0, {"text"});
  EXPECT_EQ(store().remove(kKey).error().kind, ErrorKind::conflict);
  EXPECT_TRUE(fs::exists(path()));
  writer.reset();
  expect_ok(store().remove(kKey));
  EXPECT_FALSE(fs::exists(path()));
  EXPECT_FALSE(fs::exists(journal_path()));
}

// ---- the journal ----------------------------------------------------------------------------------------------------

TEST_F(FolderStoreTest, its_live_chat_goes_with_a_recording) {
  const auto chat_of = [this](const std::string& key) { return scratch_.path() / live_chat_key(key); };
  const std::string key(kKey);
  write_file(scratch_.path() / key, "an old recording");
  write_file(chat_of(key), "old chat");
  auto folder = store();
  const auto other = folder.put_aside(key);
  ASSERT_TRUE(other && *other);
  EXPECT_FALSE(fs::exists(chat_of(key)));
  EXPECT_EQ(content_of(chat_of((fs::path(key).parent_path() / fs::path(**other).filename()).string())), "old chat");
  write_file(scratch_.path() / key, "a new recording");
  write_file(chat_of(key), "new chat");
  expect_ok(folder.remove(key));
  EXPECT_FALSE(fs::exists(chat_of(key)));
}

TEST_F(FolderStoreTest, another_files_journal_is_left_alone) {
  write_file(journal_path(), "dear diary\n");
  const auto opened = store().open(kKey);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::corrupt);
  EXPECT_EQ(content_of(journal_path()), "dear diary\n");
}

TEST_F(FolderStoreTest, after_a_power_cut_only_what_was_synced_counts) {
  ASSERT_TRUE(die_after([&] {
    auto writer = open(store("boot-1"));
    record(*writer, 0, {"first", "second"});
    expect_ok(writer->finish_file(head('f')));  // syncs
    record(*writer, 1, {"third"});              // nothing does that
    return writer;
  }));
  EXPECT_THAT(open(store("boot-1"))->journal(), ElementsAre("first", "second", "third"));
  const auto cut_journal = content_of(journal_path());
  EXPECT_THAT(open(store("boot-2"))->journal(), ElementsAre("first", "second"));
  EXPECT_THAT(open(store("boot-2"))->journal(), ElementsAre("first", "second"));
  EXPECT_THAT(content_of(journal_path()), HasSubstr(cut_journal)) << "the journal is only ever appended to";
}

TEST_F(FolderStoreTest, a_recording_goes_on_through_power_cuts) {
  ASSERT_TRUE(die_after([&] {
    auto writer = open(store("boot-1"));
    record(*writer, 0, {"first"});
    expect_ok(writer->finish_file(head()));
    expect_ok(writer->commit("unsynced"));
    return writer;
  }));
  ASSERT_TRUE(die_after([&] {
    auto writer = open(store("boot-2"));
    EXPECT_THAT(writer->journal(), ElementsAre("first"));
    expect_ok(writer->reopen_file(0, kHead + 5));
    expect_ok(append(*writer, "+more"));
    expect_ok(writer->commit("second"));
    return writer;
  }));
  EXPECT_THAT(open(store("boot-2"))->journal(), ElementsAre("first", "second"));
  const auto writer = open(store("boot-2"));
  expect_ok(writer->reopen_file(0, kHead + 10));
  expect_ok(writer->finish_file(head('f')));
  EXPECT_THAT(parse_journal(content_of(journal_path()), "boot-3")->lines, ElementsAre("first", "second"));
  expect_ok(writer->close());
  EXPECT_EQ(content_of(path()), std::string(kHead, 'f') + "first+more");
}

TEST_F(FolderStoreTest, leaving_in_good_order_syncs) {
  record(*open(store("boot-1")), 0, {"first", "second"});
  EXPECT_THAT(open(store("boot-2"))->journal(), ElementsAre("first", "second"));
}

TEST_F(FolderStoreTest, the_first_commit_is_synced_at_once_and_the_rest_from_time_to_time) {
  const SyncOptions often{.interval = milliseconds{1}, .least_interval = milliseconds{1}};
  const auto synced = [&] { return parse_journal(content_of(journal_path()), "another")->lines; };
  const auto writer = *FolderStore(scratch_.path(), "boot-1", often).open(kKey);
  for (const std::string line : {"first", "second", "third"}) {
    if (line == "first") expect_ok(writer->begin_file(0, head()));
    expect_ok(writer->commit(line));
    while (synced().empty() || synced().back() != line) ::usleep(100);  // the test's time limit ends a fault
  }
  EXPECT_THAT(synced(), ElementsAre("first", "second", "third"));
}

TEST_F(FolderStoreTest, a_journal_torn_at_any_byte_opens) {
  ASSERT_TRUE(die_after([&] { return recorded({"a", "bb", "ccc"}); }));
  const auto whole = content_of(journal_path());
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    write_file(journal_path(), whole.substr(0, length));
    const auto found = open(store())->journal();
    const auto expected = parse_journal(whole.substr(0, length), "boot-1")->lines;
    EXPECT_EQ(found, expected) << length;
    if (found.empty()) continue;
    // What is added then stands whole.
    expect_ok(open(store())->commit("new"));
    auto more = expected;
    more.emplace_back("new");
    EXPECT_EQ(open(store())->journal(), more) << length;
  }
}

// ---- SIGKILL --------------------------------------------------------------------------------------------------------

// Segment `i` of the recording that the killed processes write: its bytes tell where each belongs.
std::string segment(int i) {
  std::string text = fmt::format("[{}]", i);
  return text + std::string(static_cast<std::size_t>(i * 7919 % 20'000), static_cast<char>('a' + i % 26));
}

// Goes on where the journal says, writes segments and reports each commit, until it is killed.
void write_until_killed(RecordingWriter& writer, int report) {
  int next = 0;
  if (writer.journal().empty()) {
    if (!writer.begin_file(0, Bytes(kHead))) ::_exit(2);
  } else {
    std::uint64_t length = 0;
    if (std::sscanf(writer.journal().back().c_str(), "%d %lu", &next, &length) != 2) ::_exit(3);
    ++next;
    if (!writer.reopen_file(0, length)) ::_exit(4);
  }
  for (;; ++next) {
    const auto text = segment(next);
    const std::vector<ByteView> pieces{as_bytes(text).first(2), as_bytes(text).subspan(2)};
    if (!writer.append(pieces)) ::_exit(5);
    if (!writer.commit(fmt::format("{} {}", next, writer.length()))) ::_exit(6);
    if (::write(report, &next, sizeof next) != sizeof next) ::_exit(7);
  }
}

class Killed : public FolderStoreTest {
 protected:
  // Starts a writer and kills it at some moment; returns the last commit it told of, -1 when there was none.
  int run_and_kill(std::mt19937& random) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const auto child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      auto writer = store().open(kKey);
      if (!writer) ::_exit(1);
      write_until_killed(**writer, ends[1]);
    }
    ::close(ends[1]);
    int last = -1;
    for (auto reports = random() % 30; reports > 0 && ::read(ends[0], &last, sizeof last) == sizeof last;) --reports;
    for (auto spin = random() % 20'000; spin > 0; --spin) asm volatile("");
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the writer failed with " << WEXITSTATUS(status);
    while (::read(ends[0], &last, sizeof last) == sizeof last) {
    }
    ::close(ends[0]);
    return last;
  }
};

TEST_F(Killed, at_any_moment_nothing_that_was_committed_is_lost) {
  std::mt19937 random(20261123);
  int last = -1;
  for (int i = 0; i < 150; ++i) {
    last = std::max(last, run_and_kill(random));
    const auto journal = open(store())->journal();
    ASSERT_GE(static_cast<int>(journal.size()), last + 1);
    ASSERT_LE(static_cast<int>(journal.size()), last + 2) << "one line may stand that was not told of any more";
    last = static_cast<int>(journal.size()) - 1;
  }
  std::string expected(kHead, 'f');
  for (int i = 0; i <= last; ++i) expected += segment(i);
  const auto writer = open(store());
  ASSERT_EQ(writer->journal().back(), fmt::format("{} {}", last, expected.size()));
  expect_ok(writer->reopen_file(0, expected.size()));
  expect_ok(writer->finish_file(head('f')));
  expect_ok(writer->close());
  EXPECT_TRUE(content_of(path()) == expected);
}

// ---- no room --------------------------------------------------------------------------------------------------------

// No file of this process may grow beyond `bytes`, as if the disk were full there.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

TEST_F(FolderStoreTest, what_does_not_fit_does_not_count) {
  const auto writer = open(store());
  record(*writer, 0, {"first"});
  {
    const FileSizeLimit limit(kHead + 12);
    const auto failed = append(*writer, "too long for that");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, ErrorKind::disk_full);
    EXPECT_EQ(writer->length(), kHead + 5);
    EXPECT_EQ(fs::file_size(path()), kHead + 5);
  }
  expect_ok(append(*writer, "too long for that"));
  EXPECT_EQ(content_of(path()).substr(kHead), "firsttoo long for that");
}

TEST_F(FolderStoreTest, a_line_that_does_not_fit_is_not_there_and_can_be_written_again) {
  const auto writer = open(store());
  record(*writer, 0, {"first"});
  expect_ok(writer->finish_file(head()));  // nothing is left for the syncer to write
  for (int room = 0; room < 8; ++room) {
    const auto before = content_of(journal_path());
    {
      const FileSizeLimit limit(before.size() + static_cast<std::size_t>(room));
      const auto failed = writer->commit("the second line");
      ASSERT_FALSE(failed);
      EXPECT_EQ(failed.error().kind, ErrorKind::disk_full);
      EXPECT_EQ(content_of(journal_path()), before);
    }
    expect_ok(writer->commit("the second line"));
    EXPECT_EQ(content_of(journal_path()), before + "=the second line\n");
  }
}

TEST_F(FolderStoreTest, a_full_disk_keeps_what_is_committed_and_goes_on_when_there_is_room) {
  if (::mount("aircheck", scratch_.path().c_str(), "tmpfs", 0, "size=2m") != 0) GTEST_SKIP() << "mounting takes root";
  {
    const auto writer = open(store());
    record(*writer, 0, {"first"});
    const std::string big(100'000, 'x');
    Result<void> appended;
    std::uint64_t length = 0;
    while (appended) {
      length = writer->length();
      appended = append(*writer, big);
    }
    EXPECT_EQ(appended.error().kind, ErrorKind::disk_full);
    EXPECT_EQ(writer->length(), length);
    EXPECT_EQ(fs::file_size(path()), length);
    write_file(scratch_.path() / "ballast", std::string(100'000, 'x'));  // takes what is left
    expect_ok(writer->finish_file(head('f')));
    fs::remove(scratch_.path() / "ballast");
    expect_ok(append(*writer, "x"));
  }
  EXPECT_EQ(::umount(scratch_.path().c_str()), 0);
}

}  // namespace
}  // namespace aircheck::files

namespace aircheck {
namespace {
std::unique_ptr<RecordingStoreWorld> make_folder() { return std::make_unique<files::FolderWorld>(); }
}  // namespace

INSTANTIATE_TEST_SUITE_P(Folder, RecordingStoreContract, testing::Values(make_folder));
INSTANTIATE_TEST_SUITE_P(Folder, RecordingReplacementContract, testing::Values(make_folder));
INSTANTIATE_TEST_SUITE_P(Folder, RecordingScratchContract, testing::Values(make_folder));
}  // namespace aircheck
