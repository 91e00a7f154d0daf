#include "core/cost.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace aircheck {
namespace {

constexpr std::array kNames{
    std::pair{std::string_view{"vcpu_hour"}, &Prices::vcpu_hour},
    std::pair{std::string_view{"gb_hour"}, &Prices::gb_hour},
    std::pair{std::string_view{"address_hour"}, &Prices::address_hour},
    std::pair{std::string_view{"s3_write"}, &Prices::s3_write},
    std::pair{std::string_view{"s3_read"}, &Prices::s3_read},
    std::pair{std::string_view{"s3_gb_month"}, &Prices::s3_gb_month},
    std::pair{std::string_view{"dynamo_write"}, &Prices::dynamo_write},
    std::pair{std::string_view{"dynamo_read"}, &Prices::dynamo_read},
};

Result<void> set(Prices& prices, std::string_view word) {
  const auto equals = std::min(word.find('='), word.size());
  const auto name = word.substr(0, equals), text = word.substr(std::min(equals + 1, word.size()));
  double price = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), price);
  for (const auto& [known, member] : kNames) {
    if (known != name || error != std::errc{} || end != text.data() + text.size() || !(price >= 0) || price > 1e6)
      continue;
    prices.*member = price;
    return {};
  }
  return fail(ErrorKind::invalid_input, "'" + std::string(word) + "' is no price such as vcpu_hour=0.046");
}

std::int64_t micro(double dollars) { return std::llround(dollars * 1e6); }

}  // namespace

Result<Prices> prices_from(std::string_view text) {
  Prices prices;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    TRY(set(prices, text.substr(0, comma)));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return prices;
}

Cost estimate(const Usage& usage, const Prices& prices) {
  const auto count = [](std::uint64_t number, double price) { return static_cast<double>(number) * price; };
  const auto hours = static_cast<double>(usage.task.count()) / 3'600'000;
  const auto task = usage.vcpus * prices.vcpu_hour + usage.memory_gb * prices.gb_hour + prices.address_hour;
  const auto requests = count(usage.s3_writes, prices.s3_write) + count(usage.s3_reads, prices.s3_read) +
                        count(usage.dynamo_writes, prices.dynamo_write) + count(usage.dynamo_reads, prices.dynamo_read);
  return {.task_ms = usage.task.count(),
          .requests = static_cast<std::int64_t>(usage.s3_writes + usage.s3_reads),
          .task_microusd = usage.vcpus > 0 ? micro(hours * task) : 0,
          .requests_microusd = micro(requests),
          .storage_microusd_month = micro(count(usage.stored, prices.s3_gb_month / (1 << 30)))};
}

Cost with(const Cost& before, const Cost& now) {
  return {.task_ms = before.task_ms + now.task_ms,
          .requests = before.requests + now.requests,
          .task_microusd = before.task_microusd + now.task_microusd,
          .requests_microusd = before.requests_microusd + now.requests_microusd,
          .storage_microusd_month = now.storage_microusd_month};
}

}  // namespace aircheck
