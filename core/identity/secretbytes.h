// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArrayView>
#include <QtCore/QtGlobal>

namespace restante::identity
{

/// Makes libsodium ready; cheap after the first call, from any thread. Everything in this room that needs it calls it.
void ensureSodium();

/// A fixed number of bytes between guard pages, locked out of swap if the system allows it, wiped when it goes.
/// Move-only. One thread at a time.
class SecretBytes
{
public:
    SecretBytes() = default;
    /// `size` bytes of zero. Throws std::bad_alloc if there is no memory, as operator new does.
    explicit SecretBytes(qsizetype size);
    SecretBytes(SecretBytes &&other) noexcept;
    SecretBytes &operator=(SecretBytes &&other) noexcept;
    SecretBytes(const SecretBytes &) = delete;
    SecretBytes &operator=(const SecretBytes &) = delete;
    ~SecretBytes();

    bool isNull() const { return !m_data; }
    unsigned char *data() { return m_data; }
    const unsigned char *data() const { return m_data; }
    char *chars() { return reinterpret_cast<char *>(m_data); }
    qsizetype size() const { return m_size; }
    QByteArrayView view() const { return {reinterpret_cast<const char *>(m_data), m_size}; }
    /// From now on a write is a fault.
    void protect();

private:
    unsigned char *m_data = nullptr;
    qsizetype m_size = 0;
};

} // namespace restante::identity
