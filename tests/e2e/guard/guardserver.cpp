// SPDX-License-Identifier: GPL-3.0-or-later
// The server under test of guardsuite.py: the product's front with a site of test routes behind it.
#include "base/clock.h"
#include "http/descriptors.h"
#include "http/front.h"

#include <QtCore/QCommandLineParser>
#include <QtCore/QCoreApplication>
#include <QtCore/QSocketNotifier>
#include <QtCore/QTimer>

#include <csignal>
#include <cstdio>
#include <stdexcept>

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

using namespace restante;
using namespace Qt::Literals::StringLiterals;

namespace
{

const QByteArray plainText = "text/plain";

/// Keeps a parsed thing from the gate to the handler, as the product's site does.
class Note final : public http::Admitted
{
public:
    QByteArray text;
};

class TestSite final : public http::Site
{
public:
    TestSite(int worker, const http::Limits &limits, http::ConnectionCounters &counters)
        : m_worker(worker)
        , m_limits(limits)
        , m_counters(counters)
    {
    }

    http::Verdict gate(const http::RequestHead &head) override
    {
        http::Verdict verdict;
        const QByteArray &target = head.target;
        if (target.startsWith("/gate/throw"))
            throw std::runtime_error("the gate was told to throw");
        if (target.startsWith("/gate/refuse"))
            verdict.refusal = Error{Errc::NotServed, u"Not served \"here\""_s, 0};
        else if (target.startsWith("/gate/limited"))
            verdict.refusal = Error{Errc::RateLimited, u"Too fast"_s, 2'500};
        else if (target.startsWith("/gate/method")) {
            verdict.refusal = Error{Errc::MethodNotAllowed, u"No such method here"_s, 0};
            verdict.allow = "GET, PUT";
        } else if (target.startsWith("/unknown"))
            verdict.refusal = Error{Errc::NotFound, u"No such route"_s, 0};
        verdict.maxBody = target.startsWith("/tiny") ? 16 : m_limits.bodyBytes;
        auto note = std::make_unique<Note>();
        note->text = "gate saw " + head.method;
        verdict.admitted = std::move(note);
        return verdict;
    }

    void handle(http::Request request, http::Reply reply) override
    {
        const QByteArray &target = request.head.target;
        if (target == "/hello")
            return reply.send(200, plainText, "hello\n");
        if (target.startsWith("/slow/"))
            return answerLater(target, std::move(reply));
        if (target == "/throw")
            throw std::runtime_error("the handler was told to throw");
        if (target == "/drop")
            return;
        if (target == "/twice") {
            reply.send(200, plainText, "first\n");
            return reply.send(500, plainText, "second\n");
        }
        if (target == "/big")
            return reply.send(200, "application/octet-stream", QByteArray(20 << 20, 'x'));
        if (target == "/medium")
            return reply.send(200, "application/octet-stream", QByteArray(1 << 20, 'y'));
        if (target == "/empty")
            return reply.send(204, plainText, {});
        if (target == "/fail")
            return reply.fail(Error{Errc::QuotaExceeded, u"Full"_s, 1'500});
        if (target == "/counters")
            return reply.json(200, countersAsJson());
        reply.send(200, plainText, echo(request), {{"X-Extra", "1"}, {"X-Extra", "2"}});
    }

private:
    void answerLater(const QByteArray &target, http::Reply reply)
    {
        auto kept = std::make_shared<http::Reply>(std::move(reply));
        QTimer::singleShot(target.mid(6).toInt(), &m_context,
                           [kept, target] { kept->send(200, plainText, "slow " + target + '\n'); });
    }

    QByteArray countersAsJson() const
    {
        QByteArray text = "{";
        const auto add = [&text](const char *name, qint64 value) {
            text += (text.size() > 1 ? ",\"" : "\"") + QByteArray(name) + "\":" + QByteArray::number(value);
        };
        add("open", m_counters.open);
        add("accepted", m_counters.accepted);
        add("turnedAway", m_counters.turnedAway);
        add("requests", m_counters.requests);
        add("cut", m_counters.cut);
        add("handlerTimeouts", m_counters.handlerTimeouts);
        add("acceptFailures", m_counters.acceptFailures);
        return text + '}';
    }

    QByteArray echo(const http::Request &request) const
    {
        const http::RequestHead &head = request.head;
        QByteArray text =
            "METHOD=" + head.method + "\nTARGET=" + head.target + "\nPEER=" + head.peer.toString().toLatin1() +
            "\nTLS=" + (head.tls ? "yes" : "no") + "\nWORKER=" + QByteArray::number(m_worker) +
            "\nENDPOINT=" + QByteArray::number(head.endpoint) + "\nLENGTH=" + QByteArray::number(head.contentLength) +
            "\nNOTE=" + dynamic_cast<Note &>(*request.admitted).text + '\n';
        for (const http::Header &header : head.headers)
            text += "HEADER=" + header.name + "|" + header.value + '\n';
        text += "BODY=" + QByteArray::number(request.body.size()) + ' ' + request.body.left(40) + '\n';
        return text;
    }

    const int m_worker;
    const http::Limits m_limits;
    http::ConnectionCounters &m_counters;
    QObject m_context;
};

/// Deadlines of seconds instead of minutes, and few seats, so that a suite can meet them all.
http::Limits shortLimits(double slowness)
{
    const auto stretched = [slowness](int ms) { return int(ms * slowness); };
    http::Limits limits;
    limits.tlsHandshakeMs = stretched(1'500);
    limits.headMs = stretched(1'500);
    limits.idleMs = stretched(2'000);
    limits.bodyMs = stretched(1'000);
    limits.bodyBytesPerSecond = qint64(1024) * 1024;
    limits.handlerMs = stretched(3'000);
    limits.writeStallMs = stretched(2'000);
    limits.lingerMs = 1'000;
    limits.tickMs = 100;
    limits.connections = 160;
    limits.connectionsPerAddress = 60;
    limits.connectionRate = 0;
    limits.bodyBytes = 1 << 20;
    limits.bodyMemoryBytes = 48 << 20;
    limits.smallBodyReserveBytes = 4 << 20;
    return limits;
}

/// One number of the limits by the name of its member, for the cases that need another.
bool setLimit(http::Limits &limits, const QString &assignment)
{
    const QString name = assignment.section(u'=', 0, 0);
    const QString value = assignment.section(u'=', 1);
    const qint64 number = value.toLongLong();
    if (name == u"connections"_s)
        limits.connections = int(number);
    else if (name == u"connectionsPerAddress"_s)
        limits.connectionsPerAddress = int(number);
    else if (name == u"bodyBytes"_s)
        limits.bodyBytes = number;
    else if (name == u"bodyMemoryBytes"_s)
        limits.bodyMemoryBytes = number;
    else if (name == u"idleMs"_s)
        limits.idleMs = int(number);
    else if (name == u"headMs"_s)
        limits.headMs = int(number);
    else if (name == u"bodyMs"_s)
        limits.bodyMs = int(number);
    else if (name == u"trustedProxy"_s)
        limits.trustedProxy = QHostAddress(value);
    else
        return false;
    return true;
}

/// SIGTERM and SIGINT end the event loop.
void quitOnSignal(QCoreApplication &app)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, nullptr); // before the threads, which inherit it
    const int descriptor = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    auto *notifier = new QSocketNotifier(descriptor, QSocketNotifier::Read, &app);
    QObject::connect(notifier, &QSocketNotifier::activated, &app, &QCoreApplication::quit);
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    QCommandLineParser options;
    options.addHelpOption();
    options.addOptions({{u"listen"_s, u"Listen on ADDR (port 0), repeatable."_s, u"addr"_s, u"127.0.0.1"_s},
                        {u"port"_s, u"The port, 0 for a free one."_s, u"port"_s, u"0"_s},
                        {u"workers"_s, u"Worker threads."_s, u"n"_s, u"1"_s},
                        {u"tls-cert"_s, u"PEM file."_s, u"file"_s},
                        {u"tls-key"_s, u"PEM file."_s, u"file"_s},
                        {u"short"_s, u"Short deadlines and small limits."_s},
                        {u"slowness"_s, u"Stretch the short deadlines by this factor."_s, u"factor"_s, u"1"_s},
                        {u"set"_s, u"NAME=VALUE of one limit, repeatable."_s, u"limit"_s},
                        {u"descriptors"_s, u"Allow this many open files."_s, u"n"_s}});
    options.process(app);

    http::Limits limits =
        options.isSet(u"short"_s) ? shortLimits(options.value(u"slowness"_s).toDouble()) : http::Limits();
    for (const QString &assignment : options.values(u"set"_s)) {
        if (!setLimit(limits, assignment)) {
            std::fprintf(stderr, "unknown limit: %s\n", qPrintable(assignment));
            return 2;
        }
    }
    if (options.isSet(u"descriptors"_s)) {
        const auto count = rlim_t(options.value(u"descriptors"_s).toInt());
        const rlimit limit{count, count};
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    http::raiseDescriptorLimit();
    quitOnSignal(app);

    QList<http::Endpoint> endpoints;
    for (const QString &address : options.values(u"listen"_s))
        endpoints.append({address == u"any"_s ? QHostAddress(QHostAddress::Any) : QHostAddress(address),
                          quint16(options.value(u"port"_s).toUShort()), false});
    std::optional<http::TlsFiles> tls;
    if (options.isSet(u"tls-cert"_s))
        tls = http::TlsFiles{options.value(u"tls-cert"_s), options.value(u"tls-key"_s)};

    const base::SystemClock clock;
    http::ConnectionCounters counters;
    http::Front front(limits, clock, counters);
    const auto listening = front.listen(
        endpoints, tls,
        [&limits, &counters](int worker) { return std::make_unique<TestSite>(worker, limits, counters); },
        options.value(u"workers"_s).toInt());
    if (!listening) {
        std::fprintf(stderr, "%s\n", qPrintable(listening.error().detail));
        return 1;
    }
    std::printf("%s\n", qPrintable(front.addresses().join(u' ')));
    std::fflush(stdout);
    const int status = QCoreApplication::exec();
    front.close();
    std::printf("open connections at the end: %lld\n", static_cast<long long>(counters.open.load()));
    return status;
}
