#include "harness/servers/reference/http/connection.h"

#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <limits>
#include <new>

#include "harness/servers/reference/http/listener_state.h"

namespace iiifbench::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::asio::ip::tcp;
using boost::system::error_code;

// An answer may take this long and what a slow line needs for its bytes.
constexpr std::chrono::seconds kWriteTime{30};
constexpr int64_t kSlowestBytesPerSecond = 16 * 1024;
// After the last answer the other side may have this long, and so many bytes, to hear it: a close
// with bytes unread would take the answer back (RST).
constexpr std::chrono::seconds kLingerTime{2};
constexpr size_t kLingerBytes = size_t{1} << 20;
// A slow reader may be evicted after this long.
constexpr std::chrono::seconds kSlow{5};

bool IsHostName(std::string_view text) {
  return !text.empty() && text.size() <= 255 &&
         text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]") ==
             std::string_view::npos;
}

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Connection::Connection(tcp::socket socket, Listener::State& server)
    : socket_(std::move(socket)),
      descriptor_(socket_.native_handle()),
      server_(server),
      buffer_(server.options.limits.header_bytes + 1024) {}

void Connection::Enter(Phase phase, Clock::duration limit) {
  const auto now = Clock::now();
  since_ = SteadyNanoseconds(now);
  deadline_ = SteadyNanoseconds(now + limit);
  phase_ = phase;
}

bool Connection::Step(Phase from, Phase to) { return phase_.compare_exchange_strong(from, to); }

void Connection::Read() {
  const Limits& limits = server_.options.limits;
  parser_.emplace();
  parser_->header_limit(static_cast<uint32_t>(limits.header_bytes));
  // Bodies are refused, whatever their length. (boost::none would be below any length in 1.74.)
  parser_->body_limit(std::numeric_limits<uint64_t>::max());
  Enter(Phase::kReading, served_ ? limits.idle_time : limits.header_time);
  beast_http::async_read_header(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](const error_code& error, size_t) { self->OnHeader(error); });
}

void Connection::OnHeader(const error_code& error) {
  const bool syntax =
      error && error.category() == make_error_code(beast_http::error::bad_target).category() &&
      error != beast_http::error::end_of_stream && error != beast_http::error::partial_message;
  if (error && !syntax) return End();
  arrival_ = Clock::now();
  served_ = true;
  response_ = {};
  request_ = {};
  head_only_ = keep_alive_1_0_ = false;
  if (syntax) {
    response_.close = true;
    const bool long_header =
        error == beast_http::error::header_limit || error == beast_http::error::buffer_overflow;
    if (!long_header) {
      SetText(response_, 400, "not a request of HTTP/1.1: " + error.message());
    } else if (parser_->get().target().empty()) {
      SetText(response_, 414, "the URL is too long");
    } else {
      SetText(response_, 431, "the header is too long");
    }
    return Write();
  }
  if (!TakeRequest()) return Write();
  const auto lane = server_.handler.begin(request_, response_);
  if (!lane) return Write();
  lane_ = *lane;
  Enter(Phase::kQueued, Clock::duration::max() / 2);
  switch (server_.QueueOf(lane_).Enter(shared_from_this())) {
    case WorkQueue::Entry::kGo:
      return Work();
    case WorkQueue::Entry::kWaits:
      return;
    case WorkQueue::Entry::kFull:
      if (!Step(Phase::kQueued, Phase::kWriting)) return;
      SetBusy(response_, "too many requests wait already; ask again later");
      return Write();
  }
}

bool Connection::TakeRequest() {
  const auto& message = parser_->get();
  const bool has_body = !parser_->is_done();
  response_.close = close_ = !parser_->keep_alive() || has_body;
  keep_alive_1_0_ = message.version() < 11 && !close_;
  request_.method = View(message.method_string());
  head_only_ = request_.method == "HEAD";
  if (request_.method != "GET" && !head_only_ && request_.method != "OPTIONS") {
    SetText(response_, 405, "only GET, HEAD and OPTIONS are answered");
    response_.fields.emplace_back("Allow", "GET, HEAD, OPTIONS");
    return false;
  }
  if (has_body) {
    SetText(response_, 413, "a request with a body is not read");
    return false;
  }
  std::string_view target = View(message.target());
  if (target.size() > server_.options.limits.url_bytes) {
    SetText(response_, 414,
            fmt::format("the URL is longer than {} bytes", server_.options.limits.url_bytes));
    return false;
  }
  // RFC 9112, 3.2.2: an origin before the path is allowed.
  if (const size_t origin = target.find("://"); origin != target.npos && target.front() != '/') {
    const size_t path = target.find('/', origin + 3);
    target = path == target.npos ? std::string_view("/") : target.substr(path);
  }
  request_.path = target.substr(0, target.find('?'));
  const std::string_view host = View(message[beast_http::field::host]);
  if (!host.empty() && !IsHostName(host)) {
    SetText(response_, 400, "the Host field holds no host");
    return false;
  }
  request_.host = host.empty() ? server_.address : host;
  request_.accept = View(message[beast_http::field::accept]);
  return true;
}

void Connection::Work() {
  const auto self = shared_from_this();
  WorkQueue& queue = server_.QueueOf(lane_);
  const auto leave = [&] {
    if (auto next = queue.Leave())
      boost::asio::post(server_.io, [next = std::move(next)] { next->Work(); });
  };
  // Given up while it was handed the slot.
  if (!Step(Phase::kQueued, Phase::kWorking)) return leave();
  Response answer;
  answer.close = close_;
  const Call call(request_, self, arrival_, Clock::now() - arrival_);
  try {
    server_.handler.work(call, answer);
  } catch (const std::bad_alloc&) {
    SetText(answer, 413, "not enough memory for this request");
    Call::Grown();
  } catch (const std::exception& thrown) {
    SetText(answer, 500, thrown.what());
  }
  leave();
  if (!call.Wanted() && answer.status >= 400) {
    SetBusy(answer, "the request took longer than it may");
  }
  if (!Step(Phase::kWorking, Phase::kWriting)) return;  // the sweep has answered
  response_ = std::move(answer);
  Write();
}

void Connection::Write() {
  head_ = HeadOf(response_, keep_alive_1_0_);
  if (head_only_) response_.body.clear();
  const auto bytes = static_cast<int64_t>(head_.size() + response_.body.size());
  Enter(Phase::kWriting, kWriteTime + std::chrono::seconds(bytes / kSlowestBytesPerSecond));
  // Most answers fit into the socket's buffer: no operation, no other thread.
  error_code error;
  const size_t done = socket_.write_some(
      std::array{boost::asio::buffer(head_), boost::asio::buffer(response_.body)}, error);
  if (error && error != boost::asio::error::would_block) return End();
  if (static_cast<int64_t>(done) == bytes) return Written();
  WriteRest(done);
}

void Connection::WriteRest(size_t done) {
  const auto head = boost::asio::buffer(head_) + done;
  const auto body =
      boost::asio::buffer(response_.body) + (done > head_.size() ? done - head_.size() : 0);
  boost::asio::async_write(socket_, std::array{head, body},
                           [self = shared_from_this()](const error_code& error, size_t) {
                             if (error) return self->End();
                             self->Written();
                           });
}

void Connection::Written() {
  // A large answer is not kept until the next one.
  std::string().swap(response_.body);
  if (!response_.close) return Read();
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  Enter(Phase::kEnding, kLingerTime);
  Linger();
}

void Connection::Linger() {
  socket_.async_read_some(boost::asio::buffer(ignored_),
                          [self = shared_from_this()](const error_code& error, size_t bytes) {
                            self->ignored_bytes_ += bytes;
                            if (error || self->ignored_bytes_ > kLingerBytes) return self->End();
                            self->Linger();
                          });
}

void Connection::End() {
  phase_ = Phase::kEnded;
  Cut();
  server_.Forget(this);
}

void Connection::Cut() const { ::shutdown(descriptor_, SHUT_RDWR); }

bool Connection::Departed() const {
  char byte = 0;
  const ssize_t got = ::recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

void Connection::Look(Clock::time_point now) {
  const auto limit = server_.options.limits.work_time;
  const Clock::time_point since{Clock::duration(since_.load())};
  const bool late = limit.count() > 0 && now > since + limit;
  switch (phase_.load()) {
    case Phase::kQueued:
      if (now > since + kFirstLook && Departed() && Step(Phase::kQueued, Phase::kEnded)) {
        server_.QueueOf(lane_).Remove(this);
        return End();
      }
      if (late && Step(Phase::kQueued, Phase::kWriting)) {
        server_.QueueOf(lane_).Remove(this);
        response_.close = true;  // a slot may be on its way: it must find no other request
        SetBusy(response_, "the request waited longer than it may");
        return Write();
      }
      return;
    case Phase::kWorking:
      // The work goes on until it asks; its client need not wait for that.
      if (late && Step(Phase::kWorking, Phase::kWriting)) {
        response_.close = true;  // request_ is still read
        SetBusy(response_, "the request took longer than it may");
        Write();
      }
      return;
    case Phase::kReading:
    case Phase::kWriting:
    case Phase::kEnding:
      if (SteadyNanoseconds(now) > deadline_) Cut();
      // Nothing was under way that could end: an exception has ended it.
      if (SteadyNanoseconds(now - kSlow) > deadline_) server_.Forget(this);
      return;
    case Phase::kEnded:
      return;
  }
}

std::optional<Clock::time_point> Connection::EvictableSince(Clock::time_point now) const {
  const Phase phase = phase_;
  const Clock::time_point since{Clock::duration(since_.load())};
  if (phase == Phase::kReading) return since;
  if ((phase == Phase::kWriting || phase == Phase::kEnding) && now - since > kSlow) return since;
  return std::nullopt;
}

}  // namespace iiifbench::http
