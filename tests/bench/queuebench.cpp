// SPDX-License-Identifier: GPL-3.0-or-later
// restante_queuebench: what the queue alone costs, without HTTP and signatures. Prints microseconds of processor time
// (all threads) and of wall time for each operation. `restante_queuebench [FOLDER [PRELOADED_ENTRIES]]`
#include "base/clock.h"
#include "queue/reader.h"
#include "queue/writer.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QElapsedTimer>
#include <QtCore/QEventLoop>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>

#include <sodium.h>

#include <sys/resource.h>

#include <array>
#include <cstdio>

using namespace restante;

namespace
{

constexpr int Destinations = 64;

qint64 processorMicroseconds()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000LL + usage.ru_utime.tv_usec +
           usage.ru_stime.tv_usec;
}

qint64 residentKib()
{
    QFile status(QStringLiteral("/proc/self/status"));
    if (!status.open(QIODevice::ReadOnly))
        return 0;
    const auto lines = status.readAll().split('\n');
    for (const QByteArray &line : lines) {
        if (line.startsWith("VmRSS:"))
            return line.mid(6).trimmed().split(' ').first().toLongLong();
    }
    return 0;
}

queue::StoreRequest request(int destination, int origin, qsizetype bytes)
{
    queue::StoreRequest request;
    request.destination = *matrix::ServerName::parse(QByteArray("d" + QByteArray::number(destination) + ".example"));
    request.origin = *matrix::ServerName::parse(QByteArray("o" + QByteArray::number(origin) + ".example"));
    request.txnId = "1790000000000.1234";
    request.userLabel = "bob";
    randombytes_buf(request.digest.data(), request.digest.size());
    request.pdus = "[" + QByteArray(bytes - 2, ' ') + "]";
    request.edus = "[]";
    request.pduCount = 1;
    request.addressKey = "127.0.0.1";
    return request;
}

class Bench
{
public:
    explicit Bench(const QString &folder)
    {
        queue::Policy policy;
        policy.quotas.destinationEntries = policy.quotas.originEntries = 100'000'000;
        policy.quotas.destinationBytes = policy.quotas.originBytes = qint64(1) << 50;
        policy.quotas.totalEntries = 100'000'000;
        policy.quotas.totalBytes = qint64(1) << 50;
        policy.quotas.diskFloorBytes = qint64(1) << 20;
        auto writer = queue::Writer::open({folder}, policy, m_clock, {});
        if (!writer)
            qFatal("%ls", qUtf16Printable(writer.error().detail));
        m_writer = *std::move(writer);
        m_client = std::make_unique<queue::Client>(*m_writer);
        m_reader = std::make_unique<queue::Reader>(*m_writer, *m_client);
    }

    /// Keeps `group` stores waiting until `count` are done, spread over `destinations`.
    void store(const char *name, int count, qsizetype bytes, int group, int first, int destinations, int origins)
    {
        int begun = 0;
        int done = 0;
        QEventLoop loop;
        std::function<void()> one = [&] {
            if (begun == count)
                return;
            const int number = begun++;
            m_client->store(request(first + number % destinations, number % origins, bytes),
                            [&](const Result<queue::Stored> &stored) {
                                if (!stored)
                                    qFatal("%ls", qUtf16Printable(stored.error().detail));
                                if (++done == count)
                                    loop.quit();
                                one();
                            });
        };
        measure(name, count, [&] {
            for (int i = 0; i < group; ++i)
                one();
            loop.exec();
        });
    }

    void collect(const char *name, int count)
    {
        std::vector<matrix::EntryId> last(Destinations);
        std::vector<matrix::ServerName> names;
        names.reserve(Destinations);
        for (int i = 0; i < Destinations; ++i)
            names.push_back(*matrix::ServerName::parse(QByteArray("d" + QByteArray::number(i) + ".example")));
        measure(name, count, [&] {
            for (int i = 0; i < count; ++i) {
                const auto at = size_t(i % Destinations);
                auto next = m_reader->acknowledgeAndNext(names[at], last[at]);
                if (!next)
                    qFatal("%ls", qUtf16Printable(next.error().detail));
                last[at] = next->entry ? next->entry->id : matrix::EntryId{};
            }
            settle();
        });
    }

    void settle()
    {
        QEventLoop loop;
        m_client->discard(*matrix::ServerName::parse("nobody.example"), {},
                          [&](const Result<qint64> &) { loop.quit(); });
        loop.exec();
    }

private:
    template <typename Work>
    void measure(const char *name, int count, Work work)
    {
        QElapsedTimer timer;
        timer.start();
        const qint64 before = processorMicroseconds();
        work();
        const auto processor = double(processorMicroseconds() - before);
        const auto wall = double(timer.nsecsElapsed()) / 1000;
        std::printf("%-44s %8d ops  %8.1f us processor  %8.1f us wall  %6lld MiB resident\n", name, count,
                    processor / count, wall / count, static_cast<long long>(residentKib() / 1024));
        std::fflush(stdout);
    }

    base::SystemClock m_clock;
    std::unique_ptr<queue::Writer> m_writer;
    std::unique_ptr<queue::Client> m_client;
    std::unique_ptr<queue::Reader> m_reader;
};

/// The yardstick: processors differ, and so does what else they do.
void verify()
{
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> publicKey{};
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secretKey{};
    crypto_sign_keypair(publicKey.data(), secretKey.data());
    const QByteArray message(1'200, 'm');
    const auto *bytes = reinterpret_cast<const unsigned char *>(message.constData());
    std::array<unsigned char, crypto_sign_BYTES> signature{};
    crypto_sign_detached(signature.data(), nullptr, bytes, size_t(message.size()), secretKey.data());
    constexpr int count = 5'000;
    const qint64 before = processorMicroseconds();
    for (int i = 0; i < count; ++i) {
        if (crypto_sign_verify_detached(signature.data(), bytes, size_t(message.size()), publicKey.data()) != 0)
            qFatal("libsodium does not verify its own signature");
    }
    std::printf("%-44s %8d ops  %8.1f us processor\n", "ed25519 verification, 1.2 KB", count,
                double(processorMicroseconds() - before) / count);
    std::fflush(stdout);
}

void run(Bench &bench)
{
    verify();
    constexpr qsizetype small = 900;
    constexpr qsizetype large = 52'000;
    bench.store("store 900 bytes, 1 waiting", 500, small, 1, 0, Destinations, 16);
    bench.store("store 900 bytes, 32 waiting", 20'000, small, 32, 0, Destinations, 16);
    bench.store("store 900 bytes, 64 waiting", 40'000, small, 64, 0, Destinations, 16);
    bench.collect("acknowledge and next, 900 bytes", 40'000);
    bench.store("store 52 KB, 64 waiting", 4'000, large, 64, 0, Destinations, 16);
    bench.collect("acknowledge and next, 52 KB and 900 bytes", 20'000);
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    if (sodium_init() < 0)
        return 1;
    const QString base = argc > 1 ? QString::fromLocal8Bit(argv[1]) : QDir::tempPath();
    const int preloaded = argc > 2 ? QByteArray(argv[2]).toInt() : 0;
    const QTemporaryDir folder(base + QStringLiteral("/queuebench-XXXXXX"));
    if (!folder.isValid())
        return 1;
    {
        Bench bench(folder.path());
        if (preloaded > 0)
            bench.store("loading", preloaded, 900, 2'000, 10'000, 1'000, 100);
        else
            run(bench);
    }
    if (preloaded > 0) {
        Bench bench(folder.path());
        run(bench);
    }
    return 0;
}
