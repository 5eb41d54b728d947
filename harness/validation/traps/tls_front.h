// tls_front: a front end with TLS before a server of HTTP, with a certificate of its own that lives
// as long as it: what a client without connection reuse pays for handshakes can be seen only with
// one.
//
// Standard: TLS by OpenSSL through cpp-httplib; the certificate names 127.0.0.1 and comes from
// `openssl req`. Errors: kNotFound when the program openssl is missing, kIo.
#pragma once

#include <memory>
#include <string>

#include "kernels/image/result.h"

namespace iiifbench {

// Files of a certificate for 127.0.0.1 that signs itself, and of its key.
struct OwnCertificate {
  std::string certificate, key;
};
Result<OwnCertificate> MakeCertificate(const std::string& folder);

class TlsFront {
 public:
  static Result<std::unique_ptr<TlsFront>> Start(const std::string& folder, int server_port);
  ~TlsFront();
  int port() const;
  const std::string& certificate() const;  // file, for clients to trust

 private:
  struct State;
  explicit TlsFront(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace iiifbench
