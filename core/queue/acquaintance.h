// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QHash>

namespace restante::queue
{

/// How many origins one destination has learned to know, or is about to, by the client address of the first mail of
/// each that its owner took. Names cost strangers nothing, and an owner's node acknowledges by itself whatever comes:
/// so an address makes few names known, and cannot keep those of others out. A value type.
class Acquaintance
{
public:
    static constexpr int MostOfOneAddress = 8;        ///< learned ones
    static constexpr int MostHalvesOfOneAddress = 16; ///< those whose mail was taken on one day so far
    static constexpr int Most = 1'000;       ///< learned ones; housekeeping gives up those that were silent longest
    static constexpr int MostHalves = 4'096; ///< likewise

    /// Address 0 is that of nobody in particular.
    bool mayBegin(qint64 address) const
    {
        return m_halves < MostHalves && (address == 0 || m_halvesOf.value(address) < MostHalvesOfOneAddress);
    }
    bool mayLearn(qint64 address) const
    {
        return m_learned < Most && (address == 0 || m_learnedOf.value(address) < MostOfOneAddress);
    }
    void begin(qint64 address, int origins = 1)
    {
        m_halves += origins;
        m_halvesOf[address] += origins;
    }
    void learn(qint64 address, int origins = 1)
    {
        m_learned += origins;
        m_learnedOf[address] += origins;
    }
    void endBeginning(qint64 address)
    {
        --m_halves;
        --m_halvesOf[address];
    }

    /// Whether nobody else can become known, or begin to.
    bool isFull() const { return m_learned >= Most || m_halves >= MostHalves; }

private:
    int m_learned = 0;
    int m_halves = 0;
    QHash<qint64, int> m_learnedOf;
    QHash<qint64, int> m_halvesOf;
};

} // namespace restante::queue
