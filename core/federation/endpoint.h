// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>

namespace restante::federation
{

/// One place where a server may be reached: what discovery finds (PROTOCOL 3.4).
struct Endpoint {
    QByteArray name;   ///< whose certificate is asked for; an IPv6 address in brackets
    QByteArray target; ///< what is connected to: a host name or an address like `name`; after SRV another than that
    quint16 port = 8448;
    QByteArray hostHeader; ///< the value of the Host field
    bool secure = true;    ///< https; false only for places that the operator typed in

    friend bool operator==(const Endpoint &, const Endpoint &) = default;
};

} // namespace restante::federation
