// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay/policy.h"

namespace restante::relay
{

PolicyBoard::PolicyBoard(Policy policy)
    : m_policy(std::make_shared<const Policy>(std::move(policy)))
{
}

std::shared_ptr<const Policy> PolicyBoard::current() const
{
    const std::lock_guard lock(m_mutex);
    return m_policy;
}

void PolicyBoard::replace(Policy policy)
{
    auto fresh = std::make_shared<const Policy>(std::move(policy));
    const std::lock_guard lock(m_mutex);
    m_policy.swap(fresh); // the old one is released after the lock
}

} // namespace restante::relay
