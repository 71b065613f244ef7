// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/jsonpass.h"

#include <array>

namespace restante::matrix
{

/// Writes a text that a JsonPass (with Order::Keep) has checked in canonical form: each byte is visited once, and what
/// is canonical already is copied in runs. Not recursive.
class CanonicalWriter
{
public:
    CanonicalWriter(const JsonPass &pass, QByteArrayView text, NumberRule rule);

    /// False for a number beyond the range of a double (NumberRule::Python only).
    bool write(QByteArray *output);

private:
    struct Level {
        const JsonObjectOrder *order; ///< null for arrays and for objects whose members stay in their order
        size_t written;
    };

    bool value();
    void leave();
    bool enterMember();
    void open();
    void string();
    bool number();
    void space();
    void flush();
    const JsonObjectOrder *orderOf(const char *brace);

    const JsonPass &m_pass;
    const NumberRule m_rule;
    const char *m_at;
    const char *m_run; ///< the bytes from here to m_at are still to be copied as they are
    const char *const m_end;
    QByteArray *m_output = nullptr;
    size_t m_nextObject = 0; ///< in JsonPass::objects
    int m_depth = 0;
    std::array<Level, MaxJsonDepth> m_levels;
};

} // namespace restante::matrix
