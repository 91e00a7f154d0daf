#include "lambda/api_token.hpp"

#include "aws/json_call.hpp"
#include "base/json.hpp"
#include "base/log.hpp"

namespace aircheck::lambda {
namespace {

constexpr milliseconds kFresh{60'000};
constexpr std::string_view kUnset = "unset";
constexpr aws::JsonService kSsm{"ssm", "AmazonSSM", "1.1"};

}  // namespace

Result<std::string> ApiToken::get() {
  const auto now = clock_.now();
  if (!token_.empty() && now - read_at_ < kFresh) return token_;
  const auto read = read_();
  if (!read && token_.empty()) return read;
  if (!read) {
    log::warn("the token cannot be read again: {}", read.error().message);
    return token_;
  }
  token_ = *read == kUnset ? std::string{} : *read;
  read_at_ = now;
  if (token_.empty()) return fail(ErrorKind::unauthorized, "no token has been set yet; util/deploy.sh sets one");
  return token_;
}

ApiToken::Read read_parameter(aws::Client& client, std::string name) {
  return [&client, name = std::move(name)]() -> Result<std::string> {
    const auto answer = TRY(aws::json_of(client, kSsm, "GetParameter", {{"Name", name}, {"WithDecryption", true}}));
    return answer.value("Parameter", nlohmann::json::object()).value("Value", std::string{});
  };
}

}  // namespace aircheck::lambda
