// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/addressbook.h"

#include "base/addresskey.h"

#include <algorithm>
#include <utility>

namespace restante::http
{

AddressBook::Seat::Seat(AddressBook *book, QByteArray key, bool exempt)
    : m_book(book)
    , m_key(std::move(key))
    , m_exempt(exempt)
{
}

AddressBook::Seat::Seat(Seat &&other) noexcept
    : m_book(std::exchange(other.m_book, nullptr))
    , m_key(std::move(other.m_key))
    , m_exempt(other.m_exempt)
{
}

AddressBook::Seat &AddressBook::Seat::operator=(Seat &&other) noexcept
{
    if (this != &other) {
        leave();
        m_book = std::exchange(other.m_book, nullptr);
        m_key = std::move(other.m_key);
        m_exempt = other.m_exempt;
    }
    return *this;
}

AddressBook::Seat::~Seat()
{
    leave();
}

void AddressBook::Seat::leave()
{
    AddressBook *book = std::exchange(m_book, nullptr);
    if (!book)
        return;
    book->leave(*this);
}

void AddressBook::leave(const Seat &seat)
{
    const std::lock_guard lock(m_mutex);
    --m_taken;
    if (seat.m_exempt)
        return;
    const auto takeOff = [this](const QByteArray &key) {
        const auto entry = m_byAddress.find(key);
        if (--entry.value() == 0)
            m_byAddress.erase(entry);
    };
    takeOff(seat.m_key);
    for (const base::WiderNetwork &network : base::networksAround(seat.m_key))
        takeOff(network.key);
}

AddressBook::AddressBook(const Limits &limits, const base::Clock &clock)
    : m_connections(limits.connections)
    , m_connectionsPerAddress(limits.connectionsPerAddress)
    , m_starts(limits.connectionRate, limits.connectionBurst, clock)
{
}

std::optional<AddressBook::Seat> AddressBook::enter(const QByteArray &key, bool exempt)
{
    const std::lock_guard lock(m_mutex);
    if (m_taken >= m_connections)
        return std::nullopt;
    if (!exempt) {
        const auto around = base::networksAround(key);
        const bool isFull = m_byAddress.value(key) >= m_connectionsPerAddress ||
                            std::any_of(around.begin(), around.end(), [this](const base::WiderNetwork &network) {
                                return m_byAddress.value(network.key) >= network.shares * m_connectionsPerAddress;
                            });
        if (isFull || m_starts.take(key) != 0)
            return std::nullopt;
        ++m_byAddress[key];
        for (const base::WiderNetwork &network : around)
            ++m_byAddress[network.key];
    }
    ++m_taken;
    return Seat(this, key, exempt);
}

int AddressBook::taken() const
{
    const std::lock_guard lock(m_mutex);
    return m_taken;
}

} // namespace restante::http
