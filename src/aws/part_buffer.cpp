#include "aws/part_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace aircheck::aws {

std::size_t size_of(const Pieces& pieces) {
  std::size_t size = 0;
  for (const auto piece : pieces) size += piece.size();
  return size;
}

PartBuffer::Block PartBuffer::take_block() {
  if (spare_.empty()) return std::make_unique_for_overwrite<std::byte[]>(kBlockSize);
  auto block = std::move(spare_.back());
  spare_.pop_back();
  return block;
}

void PartBuffer::append(ByteView bytes) {
  while (!bytes.empty()) {
    const auto end = begin_ + size_;
    if (end == blocks_.size() * kBlockSize) blocks_.push_back(take_block());
    const auto used = end % kBlockSize;
    const auto count = std::min(bytes.size(), kBlockSize - used);
    std::memcpy(blocks_.back().get() + used, bytes.data(), count);
    size_ += count;
    bytes = bytes.subspan(count);
  }
}

Pieces PartBuffer::first(std::size_t count) const {
  Pieces pieces;
  auto from = begin_;
  count = std::min(count, size_);
  for (const auto& block : blocks_) {
    const auto length = std::min(count, kBlockSize - from);
    if (length == 0) break;
    pieces.push_back(as_text({block.get() + from, length}));
    count -= length;
    from = 0;
  }
  return pieces;
}

PartBuffer PartBuffer::cut(std::size_t count) {
  const auto end = begin_ + count, offset = end % kBlockSize;
  const auto whole = blocks_.begin() + static_cast<std::ptrdiff_t>(end / kBlockSize);
  PartBuffer front;
  front.blocks_.assign(std::make_move_iterator(blocks_.begin()), std::make_move_iterator(whole));
  front.begin_ = begin_;
  front.size_ = count;
  blocks_.erase(blocks_.begin(), whole);
  size_ -= count;
  begin_ = empty() ? 0 : offset;
  if (offset == 0) return front;
  // A block that holds both ends goes with the front, and what is behind the cut is copied.
  front.blocks_.push_back(std::move(blocks_.front()));
  if (empty()) {
    blocks_.clear();
    return front;
  }
  blocks_.front() = take_block();
  const auto* const rest = front.blocks_.back().get() + offset;
  std::memcpy(blocks_.front().get() + offset, rest, std::min(size_, kBlockSize - offset));
  return front;
}

void PartBuffer::shorten(std::size_t count) {
  size_ = count;
  if (empty()) begin_ = 0;
  while (blocks_.size() * kBlockSize >= begin_ + size_ + kBlockSize) {
    spare_.push_back(std::move(blocks_.back()));
    blocks_.pop_back();
  }
}

void PartBuffer::recycle(PartBuffer&& other) {
  for (auto* blocks : {&other.blocks_, &other.spare_}) {
    std::ranges::move(*blocks, std::back_inserter(spare_));
    blocks->clear();
  }
  other.shorten(0);
}

}  // namespace aircheck::aws
