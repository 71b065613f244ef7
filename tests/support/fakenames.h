// SPDX-License-Identifier: GPL-3.0-or-later
// A name service that knows what a test told it.
#pragma once

#include "federation/resolver.h"

#include <QtCore/QHash>

#include <memory>
#include <mutex>

namespace restante::test
{

/// The table; filled in by the test's thread, read by the client's.
class FakeNames
{
public:
    /// What `host` leads to. Called again for the same host: what it leads to the next time it is asked for; the last
    /// stays.
    void add(const QByteArray &host, const QStringList &addresses)
    {
        QList<QHostAddress> list;
        for (const QString &address : addresses)
            list.append(QHostAddress(address));
        const std::lock_guard lock(m_mutex);
        m_addresses[host].append(list);
    }
    void addService(const QByteArray &name, const QByteArray &target, quint16 port, quint16 priority = 0,
                    qint64 ttlMs = 600'000)
    {
        const std::lock_guard lock(m_mutex);
        m_hidden.remove(name);
        m_services[name].append({priority, 0, port, target, ttlMs});
    }
    /// Nobody tells whether there are services of this name, until they are added; Errc::NotFound: the host is known.
    void hideServices(const QByteArray &name, Errc how = Errc::Unreachable)
    {
        const std::lock_guard lock(m_mutex);
        m_hidden[name] = how;
        m_services.remove(name);
    }
    /// The name service does not answer.
    void fail()
    {
        const std::lock_guard lock(m_mutex);
        m_down = true;
    }
    int asked(const QByteArray &name) const
    {
        const std::lock_guard lock(m_mutex);
        return m_asked.value(name);
    }
    int askedInAll() const
    {
        const std::lock_guard lock(m_mutex);
        int sum = 0;
        for (const int count : m_asked)
            sum += count;
        return sum;
    }

    Result<QList<QHostAddress>> addresses(const QByteArray &host)
    {
        const std::lock_guard lock(m_mutex);
        ++m_asked[host];
        if (m_down)
            return {Errc::Unreachable, QStringLiteral("The name service does not answer")};
        auto &list = m_addresses[host];
        if (list.isEmpty())
            return {Errc::NotFound, QStringLiteral("There is no such name")};
        return list.size() > 1 ? list.takeFirst() : list.first();
    }
    Result<QList<federation::Service>> services(const QByteArray &name)
    {
        const std::lock_guard lock(m_mutex);
        ++m_asked[name];
        if (m_down || m_hidden.contains(name))
            return {m_hidden.value(name, Errc::Unreachable), QStringLiteral("The name service does not tell")};
        return m_services.value(name);
    }

private:
    mutable std::mutex m_mutex;
    QHash<QByteArray, QList<QList<QHostAddress>>> m_addresses;
    QHash<QByteArray, QList<federation::Service>> m_services;
    QHash<QByteArray, Errc> m_hidden;
    QHash<QByteArray, int> m_asked;
    bool m_down = false;
};

class FakeResolver final : public federation::Resolver
{
public:
    explicit FakeResolver(std::shared_ptr<FakeNames> names)
        : m_names(std::move(names))
    {
    }
    void addresses(const QByteArray &host, federation::Wish wish, GotAddresses done) override
    {
        if (auto found = m_names->addresses(host); !wish.expired())
            done(std::move(found));
    }
    void services(const QByteArray &name, federation::Wish wish, GotServices done) override
    {
        if (auto found = m_names->services(name); !wish.expired())
            done(std::move(found));
    }

private:
    std::shared_ptr<FakeNames> m_names;
};

} // namespace restante::test
