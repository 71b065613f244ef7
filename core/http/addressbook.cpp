// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/addressbook.h"

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
    const std::lock_guard lock(book->m_mutex);
    --book->m_taken;
    if (m_exempt)
        return;
    const auto entry = book->m_byAddress.find(m_key);
    if (--entry.value() == 0)
        book->m_byAddress.erase(entry);
}

AddressBook::AddressBook(int connections, int connectionsPerAddress)
    : m_connections(connections)
    , m_connectionsPerAddress(connectionsPerAddress)
{
}

std::optional<AddressBook::Seat> AddressBook::enter(const QByteArray &key, bool exempt)
{
    const std::lock_guard lock(m_mutex);
    if (m_taken >= m_connections)
        return std::nullopt;
    if (!exempt) {
        const int here = m_byAddress.value(key, 0);
        if (here >= m_connectionsPerAddress)
            return std::nullopt;
        m_byAddress.insert(key, here + 1);
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
