// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/lookupline.h"

#include <QtCore/QHash>

#include <algorithm>
#include <tuple>

namespace restante::federation
{

LookupLine::Added LookupLine::add(const matrix::ServerName &server, const QByteArray &addressKey, Favour favour)
{
    const auto counts = [favour](const Place &place) { return place.favour == favour; };
    Added added{true, {}};
    if (favour != Favour::Named && size_t(std::count_if(m_waiting.begin(), m_waiting.end(), counts)) >= MostWaiting) {
        QHash<QByteArray, int> waiting;
        for (const Place &place : m_waiting)
            waiting[place.addressKey] += counts(place) ? 1 : 0;
        const auto most = std::max_element(waiting.cbegin(), waiting.cend());
        if (*most <= waiting.value(addressKey) + 1)
            return {};
        const auto newest = std::find_if(m_waiting.rbegin(), m_waiting.rend(), [&](const Place &place) {
            return counts(place) && place.addressKey == most.key();
        });
        added.pushedOut = newest->server;
        m_waiting.erase(std::next(newest).base());
    }
    m_waiting.push_back({server, addressKey, favour});
    return added;
}

std::optional<matrix::ServerName> LookupLine::next()
{
    const auto rank = [this](const Place &place) {
        return std::tuple(-int(place.favour), place.favour == Favour::Named ? 0 : askedOf(place.addressKey));
    };
    auto best = m_waiting.end();
    for (auto place = m_waiting.begin(); place != m_waiting.end(); ++place) {
        if (mayGo(*place) && (best == m_waiting.end() || rank(*place) < rank(*best)))
            best = place;
    }
    if (best == m_waiting.end())
        return {};
    m_asked.push_back(std::move(*best));
    m_waiting.erase(best);
    return m_asked.back().server;
}

void LookupLine::ended(const matrix::ServerName &server)
{
    std::erase_if(m_asked, [&server](const Place &place) { return place.server == server; });
}

bool LookupLine::mayGo(const Place &place) const
{
    const int kept = (int(Favour::Named) - int(place.favour)) * KeptPlaces;
    if (int(m_asked.size()) >= MostAsked - kept)
        return false;
    return place.favour == Favour::Named || askedOf(place.addressKey) < MostAskedOfOneAddress;
}

int LookupLine::askedOf(const QByteArray &addressKey) const
{
    return int(std::count_if(m_asked.begin(), m_asked.end(), [&addressKey](const Place &place) {
        return place.favour != Favour::Named && place.addressKey == addressKey;
    }));
}

} // namespace restante::federation
