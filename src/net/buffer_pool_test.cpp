#include "net/buffer_pool.hpp"

#include <gtest/gtest.h>

namespace aircheck::net {
namespace {

Bytes buffer(std::size_t capacity) {
  Bytes out(1);
  out.reserve(capacity);
  return out;
}

TEST(BufferPool, gives_the_smallest_that_fits) {
  BufferPool pool;
  for (const std::size_t size : {300u, 100u, 200u}) pool.give(buffer(size));
  EXPECT_EQ(pool.take(150).capacity(), 200u);
  EXPECT_EQ(pool.take(150).capacity(), 300u);
  EXPECT_EQ(pool.take(150).capacity(), 100u);
  EXPECT_EQ(pool.take(150).capacity(), 0u);
}

TEST(BufferPool, gives_the_largest_when_none_fits) {
  BufferPool pool;
  for (const std::size_t size : {100u, 300u, 200u}) pool.give(buffer(size));
  EXPECT_EQ(pool.take(1'000).capacity(), 300u);
}

TEST(BufferPool, keeps_the_largest) {
  BufferPool pool;
  for (const std::size_t size : {100u, 400u, 300u, 200u}) pool.give(buffer(size));
  EXPECT_EQ(pool.take(0).capacity(), 200u);
}

TEST(BufferPool, gives_empty_buffers) {
  BufferPool pool;
  pool.give(buffer(100));
  EXPECT_TRUE(pool.take(0).empty());
}

}  // namespace
}  // namespace aircheck::net
