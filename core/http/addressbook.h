// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/addressbudget.h"
#include "http/limits.h"

#include <QtCore/QByteArray>
#include <QtCore/QHash>

#include <mutex>
#include <optional>

namespace restante::http
{

/// Counts connections, in all, by address and by the networks around it (base::networksAround), so that one customer of
/// a provider cannot take every seat. What comes and goes is limited, too: opening and closing a connection costs as
/// much as some requests. Without that, twenty addresses that did nothing else (7,000 connections a second) tripled and
/// more what others waited (tests/e2e/strangers.py). Thread-safe (its own mutex); outlives the seats it gave.
class AddressBook
{
public:
    /// One connection's place; given back when destroyed. Move-only.
    class Seat
    {
    public:
        Seat(Seat &&other) noexcept;
        Seat &operator=(Seat &&other) noexcept;
        Seat(const Seat &) = delete;
        Seat &operator=(const Seat &) = delete;
        ~Seat();

        /// The accounting key of its address.
        const QByteArray &key() const { return m_key; }
        /// Whether the per-address figures do not apply: the trusted proxy.
        bool isExempt() const { return m_exempt; }

    private:
        friend class AddressBook;
        Seat(AddressBook *book, QByteArray key, bool exempt);
        void leave();

        AddressBook *m_book;
        QByteArray m_key;
        bool m_exempt;
    };

    /// As Limits says. `clock` outlives the book.
    AddressBook(const Limits &limits, const base::Clock &clock);
    Q_DISABLE_COPY_MOVE(AddressBook)

    /// A seat for one more connection of the address with this key (`addressKey`), or nothing if none is left or it has
    /// come too often just now.
    /// An exempt address counts towards the whole only.
    std::optional<Seat> enter(const QByteArray &key, bool exempt);
    /// Seats taken now.
    int taken() const;

private:
    void leave(const Seat &seat);

    const int m_connections;
    const int m_connectionsPerAddress;
    mutable std::mutex m_mutex;
    AddressBudget m_starts;
    int m_taken = 0;
    QHash<QByteArray, int> m_byAddress; ///< and by network
};

} // namespace restante::http
