// SPDX-License-Identifier: GPL-3.0-or-later
#include "identity/secretbytes.h"

#include <sodium.h>

#include <cstring>
#include <new>
#include <utility>

namespace restante::identity
{

void ensureSodium()
{
    static const bool ready = sodium_init() >= 0;
    if (!ready)
        qFatal("libsodium cannot be initialised: the system gives no randomness");
}

SecretBytes::SecretBytes(qsizetype size)
    : m_size(size)
{
    ensureSodium();
    m_data = static_cast<unsigned char *>(sodium_malloc(size_t(size)));
    if (!m_data)
        throw std::bad_alloc();
    sodium_memzero(m_data, size_t(size));
}

SecretBytes::SecretBytes(SecretBytes &&other) noexcept
    : m_data(std::exchange(other.m_data, nullptr))
    , m_size(std::exchange(other.m_size, 0))
{
}

SecretBytes &SecretBytes::operator=(SecretBytes &&other) noexcept
{
    std::swap(m_data, other.m_data);
    std::swap(m_size, other.m_size);
    return *this;
}

SecretBytes::~SecretBytes()
{
    sodium_free(m_data); // wipes, and takes null
}

void SecretBytes::protect()
{
    if (m_data)
        sodium_mprotect_readonly(m_data);
}

} // namespace restante::identity
