#include "core/title_pattern.hpp"

#include <utility>

namespace aircheck {
namespace {

constexpr std::size_t kMostInstructions = 2'000;
constexpr std::size_t kMostTitle = 1'000;

// Whether a word begins or ends between the characters before and at `place`.
bool is_boundary(const std::u32string& title, std::size_t place) {
  const bool before = place > 0 && is_word_character(title[place - 1]);
  const bool behind = place < title.size() && is_word_character(title[place]);
  return before != behind;
}

}  // namespace

// All instructions that wait for the next character, each once: that is what bounds the time.
struct TitlePattern::Threads {
  explicit Threads(std::size_t size) : known(size, false) {}
  void clear() {
    waiting.clear();
    known.assign(known.size(), false);
  }

  std::vector<std::size_t> waiting, open;
  std::vector<bool> known;
  bool matched = false;
};

Result<TitlePattern> TitlePattern::compile(std::string_view text) {
  TitlePattern pattern;
  TRY(pattern.emit(TRY(parse_title_pattern(text))));
  pattern.add(Op::match);
  return pattern;
}

std::size_t TitlePattern::add(Op op) {
  program_.push_back({.op = op});
  return program_.size() - 1;
}

Result<void> TitlePattern::emit(const PatternNode& node) {
  if (program_.size() > kMostInstructions)
    return fail(ErrorKind::invalid_input, "the title's pattern: its repetitions are too many");
  switch (node.kind) {
    case PatternNode::Kind::set: program_[add(Op::set)].set = node.set; return {};
    case PatternNode::Kind::begin: add(Op::begin); return {};
    case PatternNode::Kind::end: add(Op::end); return {};
    case PatternNode::Kind::boundary: add(Op::boundary); return {};
    case PatternNode::Kind::no_boundary: add(Op::no_boundary); return {};
    case PatternNode::Kind::sequence:
      for (const auto& child : node.children) TRY(emit(child));
      return {};
    case PatternNode::Kind::choice: return emit_choice(node);
    case PatternNode::Kind::repeat: return emit_repeat(node);
  }
  std::unreachable();
}

Result<void> TitlePattern::emit_choice(const PatternNode& node) {
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const bool last = i + 1 == node.children.size();
    const auto split = last ? 0 : add(Op::split);
    TRY(emit(node.children[i]));
    if (last) break;
    ends.push_back(add(Op::jump));
    program_[split].to = split + 1;
    program_[split].other = program_.size();
  }
  for (const auto end : ends) program_[end].to = program_.size();
  return {};
}

Result<void> TitlePattern::emit_repeat(const PatternNode& node) {
  const auto& child = node.children.front();
  for (int i = 0; i < node.least; ++i) TRY(emit(child));
  const bool endless = node.most == PatternNode::kEndless;
  std::vector<std::size_t> splits;
  for (int i = node.least; endless ? splits.empty() : i < node.most; ++i) {
    splits.push_back(add(Op::split));
    TRY(emit(child));
  }
  if (endless) program_[add(Op::jump)].to = splits.front();
  for (const auto split : splits) {
    program_[split].to = split + 1;
    program_[split].other = program_.size();
  }
  return {};
}

// Everything that can be reached from `from` without taking a character.
void TitlePattern::follow(Threads& threads, std::size_t from, const std::u32string& title, std::size_t place) const {
  threads.open.push_back(from);
  while (!threads.open.empty()) {
    const auto at = threads.open.back();
    threads.open.pop_back();
    if (threads.known[at]) continue;
    threads.known[at] = true;
    const auto& instruction = program_[at];
    bool passes = false;
    switch (instruction.op) {
      case Op::set: threads.waiting.push_back(at); break;
      case Op::split: threads.open.push_back(instruction.other); [[fallthrough]];
      case Op::jump: threads.open.push_back(instruction.to); break;
      case Op::begin: passes = place == 0; break;
      case Op::end: passes = place == title.size(); break;
      case Op::boundary: passes = is_boundary(title, place); break;
      case Op::no_boundary: passes = !is_boundary(title, place); break;
      case Op::match: threads.matched = true; break;
    }
    if (passes) threads.open.push_back(at + 1);
  }
}

bool TitlePattern::matches(std::string_view title) const {
  const auto text = code_points(title.substr(0, kMostTitle));
  Threads now(program_.size()), next(program_.size());
  for (std::size_t place = 0;; ++place) {
    follow(now, 0, text, place);  // it may begin anywhere
    if (now.matched) return true;
    if (place == text.size()) return false;
    next.clear();
    for (const auto at : now.waiting)
      if (program_[at].set.contains(text[place])) follow(next, at + 1, text, place + 1);
    std::swap(now, next);
  }
}

}  // namespace aircheck
