#include "core/cost.hpp"

#include <gtest/gtest.h>

namespace aircheck {
namespace {

constexpr Prices kPrices{.vcpu_hour = 0.04,
                         .gb_hour = 0.004,
                         .address_hour = 0.005,
                         .s3_write = 5e-6,
                         .s3_read = 4e-7,
                         .s3_gb_month = 0.023,
                         .dynamo_write = 1e-6,
                         .dynamo_read = 5e-7};

TEST(Cost, of_a_task_with_its_requests_and_storage) {
  const auto cost = estimate({.task = std::chrono::hours{2},
                              .vcpus = 0.25,
                              .memory_gb = 1,
                              .s3_writes = 1000,
                              .s3_reads = 10,
                              .dynamo_writes = 100,
                              .dynamo_reads = 20,
                              .stored = 10ULL << 30},
                             kPrices);
  EXPECT_EQ(cost.task_ms, 7'200'000);
  EXPECT_EQ(cost.task_microusd, 2 * (10'000 + 4'000 + 5'000));
  EXPECT_EQ(cost.requests, 1010);
  EXPECT_EQ(cost.requests_microusd, 5000 + 4 + 100 + 10);
  EXPECT_EQ(cost.storage_microusd_month, 230'000);
}

TEST(Cost, of_a_machine_of_ones_own_has_no_task) {
  const auto cost = estimate({.task = std::chrono::hours{2}, .s3_writes = 1}, kPrices);
  EXPECT_EQ(cost.task_microusd, 0);
  EXPECT_EQ(cost.requests_microusd, 5);
}

TEST(Cost, adds_up_over_recorders_but_for_what_is_stored) {
  const Cost before{
      .task_ms = 1, .requests = 2, .task_microusd = 3, .requests_microusd = 4, .storage_microusd_month = 5};
  const Cost now{
      .task_ms = 10, .requests = 20, .task_microusd = 30, .requests_microusd = 40, .storage_microusd_month = 7};
  EXPECT_EQ(with(before, now), (Cost{11, 22, 33, 44, 7}));
}

TEST(Prices, can_be_others) {
  const auto prices = prices_from("vcpu_hour=0.046,s3_gb_month=2.45e-2");
  ASSERT_TRUE(prices) << prices.error().message;
  EXPECT_EQ(prices->vcpu_hour, 0.046);
  EXPECT_EQ(prices->s3_gb_month, 0.0245);
  EXPECT_EQ(prices->gb_hour, Prices{}.gb_hour);
  EXPECT_TRUE(prices_from(""));
  for (const auto* wrong : {"vcpu", "vcpu_hour", "vcpu_hour=", "vcpu_hour=x", "vcpu_hour=1x", "vcpu_hour=-1", "other=1",
                            "vcpu_hour=nan", "vcpu_hour=inf", ",", "vcpu_hour=1,,gb_hour=1", "=1"})
    EXPECT_EQ(prices_from(wrong).error().kind, ErrorKind::invalid_input) << wrong;
}

}  // namespace
}  // namespace aircheck
