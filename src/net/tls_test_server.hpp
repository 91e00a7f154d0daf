#pragma once
// A TLS server for tests, on a free port of loopback: answers each request with the same TLS records, all of them in the
// kernel's hands at once, and then says nothing more. Test code only.

#include <fmt/core.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/scratch_testing.hpp"
#include "net/test_listener.hpp"

namespace aircheck::net {

class TlsTestServer {
 public:
  explicit TlsTestServer(std::vector<std::string> records) : records_(std::move(records)) { make_certificate(); }
  TlsTestServer(const TlsTestServer&) = delete;
  TlsTestServer& operator=(const TlsTestServer&) = delete;

  std::string url() const { return fmt::format("https://127.0.0.1:{}/", listener_.port()); }
  std::string ca_file() const { return (scratch_.path() / "ca.pem").string(); }

 private:
  template <auto function>
  struct Free {
    void operator()(auto* what) const { function(what); }
  };
  using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
  using Certificate = std::unique_ptr<X509, Free<X509_free>>;
  using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
  using Connection = std::unique_ptr<SSL, Free<SSL_free>>;
  using File = std::unique_ptr<BIO, Free<BIO_free_all>>;

  static void expect(bool success, const char* what) {
    if (!success) throw std::runtime_error(what);
  }

  // Of its own making, which clients have to be told to trust.
  void make_certificate() {
    const Key key(EVP_EC_gen("P-256"));
    const Certificate certificate(X509_new());
    X509* const x509 = certificate.get();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -86'400);
    X509_gmtime_adj(X509_getm_notAfter(x509), 86'400);
    X509_set_pubkey(x509, key.get());
    X509_NAME* const name = X509_get_subject_name(x509);
    const std::string host = "127.0.0.1";
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(host.c_str()), -1, -1,
                               0);
    X509_set_issuer_name(x509, name);
    const std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>> addresses(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("IP:" + host).c_str()));
    X509_add_ext(x509, addresses.get(), -1);
    expect(X509_sign(x509, key.get(), EVP_sha256()) > 0, "cannot sign a certificate");
    const File file(BIO_new_file(ca_file().c_str(), "w"));
    expect(PEM_write_bio_X509(file.get(), x509) == 1, "cannot write a certificate");
    SSL_CTX_use_certificate(context_.get(), x509);
    expect(SSL_CTX_use_PrivateKey(context_.get(), key.get()) == 1, "the key does not fit");
  }

  // To the end of the connection, which is the client's to bring about.
  void answer(int socket) const {
    const Connection connection(SSL_new(context_.get()));
    SSL* const tls = connection.get();
    SSL_set_fd(tls, socket);
    if (SSL_accept(tls) != 1) return;
    SSL_set0_wbio(tls, BIO_new(BIO_s_mem()));
    char buffer[4096];
    for (std::string request; request.find("\r\n\r\n") == std::string::npos;) {
      const int count = SSL_read(tls, buffer, sizeof buffer);
      if (count <= 0) return;
      request.append(buffer, static_cast<std::size_t>(count));
    }
    for (const auto& record : records_) SSL_write(tls, record.data(), static_cast<int>(record.size()));
    char* data = nullptr;
    const auto size = BIO_get_mem_data(SSL_get_wbio(tls), &data);
    TestListener::send_all(socket, {data, static_cast<std::size_t>(size)});
    SSL_read(tls, buffer, sizeof buffer);
  }

  const std::vector<std::string> records_;
  const ScratchFolder scratch_;
  const Context context_{SSL_CTX_new(TLS_server_method())};
  std::vector<std::jthread> connections_;
  TestListener listener_{[this](int socket) {  // the last, for its thread needs the others
    connections_.emplace_back([this, socket] {
      answer(socket);
      ::close(socket);
    });
  }};
};

}  // namespace aircheck::net
