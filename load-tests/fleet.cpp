#include "load-tests/fleet.hpp"

#include "load-tests/typist.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

namespace studium::load {
namespace {

constexpr std::size_t connecting_at_once = 64; // a class does not arrive in one millisecond

template <class... F> struct overload : F... {
    using F::operator()...;
};

sockaddr_in address(const std::string& host, std::uint16_t port) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(port);
    if (::inet_pton(AF_INET, host.c_str(), &result.sin_addr) != 1)
        throw std::runtime_error{"not an IPv4 address: " + host};
    return result;
}

void allow_many_files(std::size_t wanted) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= wanted) return;
    limit.rlim_cur = wanted;
    limit.rlim_max = std::max<rlim_t>(limit.rlim_max, wanted);
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
        throw std::runtime_error{"cannot open " + std::to_string(wanted) + " files: raise `ulimit -n`"};
}

} // namespace

fleet::fleet(const options& o, ear& e) : options_{o}, ear_{e}, epoll_{::epoll_create1(EPOLL_CLOEXEC)} {
    allow_many_files(o.connections() + 64);
    members_.reserve(o.connections());
}

fleet::~fleet() {
    members_.clear();
    ::close(epoll_);
}

void fleet::join(std::size_t count, seconds limit) {
    const auto deadline = clock::now() + std::chrono::duration_cast<clock::duration>(limit);
    const std::size_t wanted = std::min(members_.size() + count, options_.connections());
    while (synced_ < wanted) {
        while (members_.size() < wanted && members_.size() < synced_ + connecting_at_once)
            begin(members_.size());
        serve_until(clock::now() + std::chrono::milliseconds{1});
        if (const auto lost = losses(); !lost.empty())
            throw std::runtime_error{"lost while joining: " + lost.begin()->first};
        if (clock::now() > deadline)
            throw std::runtime_error{"only " + std::to_string(synced_) + " of " + std::to_string(wanted) +
                                     " members were synced within the limit"};
    }
}

void fleet::begin(std::size_t number) {
    members_.push_back(std::make_unique<member>(epoll_, number, traffic_));
    auto from = address("127.0.0.1", 0);
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(number % options_.addresses));
    std::string target = options_.prefix + options_.workspaces[group_of(number)];
    if (!options_.token.empty()) target += "?token=" + options_.token;
    members_.back()->wire.connect(from, address(options_.host, options_.port), target);
}

void fleet::serve_until(clock::time_point deadline) {
    std::array<epoll_event, 256> events{};
    do {
        const auto left = std::max(deadline - clock::now(), clock::duration{0});
        const auto whole = std::chrono::duration_cast<std::chrono::seconds>(left);
        const timespec wait{whole.count(), static_cast<long>((left - whole).count())};
        const int n = ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
        for (int i = 0; i < n; ++i) {
            const auto& event = events[static_cast<std::size_t>(i)];
            const auto number = static_cast<std::size_t>(event.data.u64);
            auto& wire = members_[number]->wire;
            const bool was_open = wire.now() == connection::state::open;
            wire.on_events(event.events,
                           [&](websocket::opcode, std::string_view payload) { hear(number, payload); });
            if (!was_open && wire.now() == connection::state::open) {
                wire.send(first_message());
                wire.flush();
            }
        }
    } while (clock::now() < deadline);
}

void fleet::hear(std::size_t number, std::string_view payload) {
    auto& who = *members_[number];
    const auto now = clock::now();
    who.longest_silence = std::max(who.longest_silence, now - who.last_heard);
    who.last_heard = now;
    const auto message = yjs::read_message(payload);
    if (!message) return; // a type that only some servers have
    std::visit(overload{
                   [&](const yjs::sync_step_1&) { who.wire.send(nothing_to_add()); },
                   [&](const yjs::sync_step_2& m) {
                       if (!who.synced) ++synced_;
                       who.synced = true;
                       ear_.on_update(number, m.update);
                   },
                   [&](const yjs::sync_update& m) { ear_.on_update(number, m.update); },
                   [&](const yjs::awareness_message& m) { ear_.on_awareness(number, m.update); },
                   [](const auto&) {},
               },
               *message);
}

std::map<std::string, std::size_t> fleet::losses() const {
    std::map<std::string, std::size_t> found;
    for (const auto& each : members_)
        if (!each->wire.failure().empty()) ++found[each->wire.failure()];
    return found;
}

seconds fleet::longest_silence() const {
    clock::duration longest{0};
    for (const auto& each : members_)
        longest = std::max({longest, each->longest_silence, clock::now() - each->last_heard});
    return longest;
}

} // namespace studium::load
