// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QHash>

namespace restante::base
{

/// When each of several had its last turn. Bounded: if there are very many, only the latest turns are known. A value
/// type.
class Turns
{
public:
    static constexpr quint64 MostKnown = 1'024;

    /// The number of its last turn; 0: none, or one that is forgotten.
    quint64 lastOf(const QByteArray &who) const { return m_last.value(who); }
    /// It has its turn now.
    void take(const QByteArray &who)
    {
        m_last.insert(who, ++m_turn);
        if (quint64(m_last.size()) > MostKnown)
            m_last.removeIf([this](const auto &entry) { return entry.value() + MostKnown / 2 <= m_turn; });
    }
    void clear() { m_last.clear(); }
    qsizetype known() const { return m_last.size(); }

private:
    QHash<QByteArray, quint64> m_last;
    quint64 m_turn = 0;
};

} // namespace restante::base
