// SPDX-License-Identifier: GPL-3.0-or-later
// A queue in a temporary folder, used from the test's thread as a worker would.
#pragma once

#include "fakeclock.h"

#include "queue/audit.h"
#include "queue/reader.h"
#include "queue/writer.h"

#include <QtCore/QCryptographicHash>
#include <QtCore/QEventLoop>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

namespace restante::test
{

inline matrix::ServerName server(const QByteArray &name)
{
    return *matrix::ServerName::parse(name);
}

inline matrix::Digest digestOf(const QByteArray &content)
{
    const QByteArray hash = QCryptographicHash::hash(content, QCryptographicHash::Sha256);
    matrix::Digest digest{};
    std::copy_n(hash.begin(), digest.size(), digest.begin());
    return digest;
}

/// A transaction whose content is `content`, from `origin` for `destination`.
inline queue::StoreRequest letter(const QByteArray &content, const QByteArray &origin = "a.example",
                                  const QByteArray &destination = "b.example")
{
    queue::StoreRequest request;
    request.destination = server(destination);
    request.origin = server(origin);
    request.txnId = "t-" + content;
    request.userLabel = "bob";
    request.digest = digestOf(content);
    request.pdus = "[{\"type\":\"" + content + "\"}]";
    request.edus = "[]";
    request.pduCount = 1;
    request.originServerTs = 1'789'000'000'000;
    return request;
}

class QueueFixture
{
public:
    explicit QueueFixture(queue::Policy initial = smallDisk())
        : policy(std::move(initial))
    {
    }

    /// The defaults, for a disk of any size.
    static queue::Policy smallDisk()
    {
        queue::Policy policy;
        policy.quotas.diskFloorBytes = 0;
        return policy;
    }

    Result<void> open()
    {
        queue::Writer::Observers observers;
        observers.health = [this](queue::QueueHealth health) {
            const std::lock_guard lock(healthMutex);
            healths.append(std::move(health));
        };
        observers.mailboxes = mailboxes;
        auto opened = queue::Writer::open({folder()}, policy, clock, std::move(observers), tuning);
        if (!opened)
            return opened.error();
        writer = *std::move(opened);
        client = std::make_unique<queue::Client>(*writer);
        reader = std::make_unique<queue::Reader>(*writer, *client);
        inspector = std::make_unique<queue::Inspector>(*writer);
        return {};
    }
    void close()
    {
        inspector.reset();
        reader.reset();
        client.reset();
        writer.reset();
    }
    ~QueueFixture() { close(); }

    QString folder() const { return path.isEmpty() ? directory.path() : path; }

    Result<queue::Stored> store(queue::StoreRequest request)
    {
        std::optional<Result<queue::Stored>> result;
        QEventLoop loop;
        client->store(std::move(request), [&](Result<queue::Stored> stored) {
            result = std::move(stored);
            loop.quit();
        });
        loop.exec();
        return *result;
    }
    Result<qint64> discard(const QByteArray &destination, QList<matrix::EntryId> ids)
    {
        std::optional<Result<qint64>> result;
        QEventLoop loop;
        client->discard(server(destination), std::move(ids), [&](Result<qint64> count) {
            result = std::move(count);
            loop.quit();
        });
        loop.exec();
        return *result;
    }
    Result<qint64> discardAll(const QByteArray &destination)
    {
        std::optional<Result<qint64>> result;
        QEventLoop loop;
        client->discardAll(server(destination), [&](Result<qint64> count) {
            result = std::move(count);
            loop.quit();
        });
        loop.exec();
        return *result;
    }
    /// Acknowledges without reading, and waits until it is done.
    void acknowledge(const QByteArray &destination, matrix::EntryId id)
    {
        client->acknowledge(server(destination), id);
        settle();
    }
    /// Waits until everything that was asked before is committed.
    void settle() { QVERIFY(discard("nobody.example", {}).ok()); }
    /// Runs one round of housekeeping, and waits for it.
    void maintain()
    {
        writer->maintain();
        settle();
    }

    queue::NextEntry next(const QByteArray &destination = "b.example", matrix::EntryId acknowledged = {})
    {
        auto result = reader->acknowledgeAndNext(server(destination), acknowledged);
        if (!result) {
            qWarning("%ls", qUtf16Printable(result.error().detail));
            return {};
        }
        return *std::move(result);
    }
    /// The contents that a collector gets, in order, acknowledging each.
    QByteArrayList collect(const QByteArray &destination = "b.example")
    {
        QByteArrayList contents;
        auto got = next(destination);
        while (got.entry) {
            contents << got.entry->txnId.sliced(2);
            got = next(destination, got.entry->id);
        }
        settle();
        return contents;
    }
    queue::DestinationTotal total(const QByteArray &destination = "b.example")
    {
        auto totals = inspector->totals();
        if (!totals)
            return {};
        for (const auto &each : std::as_const(totals->destinations)) {
            if (each.destination == server(destination))
                return each;
        }
        return {};
    }
    /// Empty if the running totals are right.
    QStringList audit() const
    {
        auto differences = queue::audit({folder()});
        return differences ? *differences : QStringList{differences.error().detail};
    }
    qsizetype healthChanges()
    {
        const std::lock_guard lock(healthMutex);
        return healths.size();
    }
    queue::QueueHealth lastHealth()
    {
        const std::lock_guard lock(healthMutex);
        return healths.isEmpty() ? queue::QueueHealth() : healths.last();
    }

    QTemporaryDir directory;
    QString path; ///< instead of the temporary folder
    FakeClock clock;
    queue::Policy policy;
    queue::Tuning tuning;
    std::function<void()> mailboxes; ///< Writer::Observers; called in the writer's thread
    std::mutex healthMutex;
    QList<queue::QueueHealth> healths;
    std::unique_ptr<queue::Writer> writer;
    std::unique_ptr<queue::Client> client;
    std::unique_ptr<queue::Reader> reader;
    std::unique_ptr<queue::Inspector> inspector;
};

} // namespace restante::test
