#pragma once
// Bytes on their way to a bucket, in blocks of one size: what was appended stays where it is until it is cut off. So it can be
// sent while more comes behind it, and no byte is moved because a buffer grows. Not thread-safe, but for what first() lends:
// that may be read while others append.

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace aircheck::aws {

/// Borrowed bytes that are sent one after the other.
using Pieces = std::vector<std::string_view>;

std::size_t size_of(const Pieces& pieces);

class PartBuffer {
 public:
  static constexpr std::size_t kBlockSize = 64 * 1024;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void append(ByteView bytes);
  /// The first `count` bytes, or all, borrowed until they are cut off or dropped.
  Pieces first(std::size_t count) const;
  Pieces all() const { return first(size_); }
  /// The first `count` bytes as a buffer of their own; what is left begins behind them.
  PartBuffer cut(std::size_t count);
  /// Drops what is behind the first `count` bytes.
  void shorten(std::size_t count);
  /// Drops the other one's bytes, and takes its memory for what is appended next.
  void recycle(PartBuffer&& other);

 private:
  using Block = std::unique_ptr<std::byte[]>;

  Block take_block();

  std::vector<Block> blocks_;
  std::vector<Block> spare_;
  std::size_t begin_ = 0;  // of the bytes, in the first block
  std::size_t size_ = 0;
};

}  // namespace aircheck::aws
