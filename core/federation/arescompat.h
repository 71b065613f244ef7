// SPDX-License-Identifier: GPL-3.0-or-later
// The one place for differences between c-ares 1.18 and newer versions. Nothing else looks at ARES_VERSION.
#pragma once

#include <QtCore/QByteArray>

#include <ares.h>
#include <arpa/nameser.h>

namespace restante::federation::compat
{

/// Asks for the records of one type (ns_t_srv and the like). `answered(context, status, message)` is called once,
/// perhaps from inside this call: an ARES_ status, and the whole answer as RFC 1035 has it on the wire, null if
/// there is none. c-ares 1.28 parses the answer itself, and calls the function that hands over the bytes deprecated.
template <auto answered>
void query(ares_channeldata *channel, const char *name, int type, void *context)
{
#if ARES_VERSION >= 0x011c00
    const auto take = [](void *asked, ares_status_t status, std::size_t, const ares_dns_record_t *record) {
        unsigned char *bytes = nullptr;
        std::size_t size = 0;
        QByteArray message;
        if (record && ares_dns_write(record, &bytes, &size) == ARES_SUCCESS) {
            message = QByteArray(reinterpret_cast<const char *>(bytes), qsizetype(size));
            ares_free_string(bytes);
        }
        answered(asked, int(status), message);
    };
    ares_query_dnsrec(channel, name, ARES_CLASS_IN, ares_dns_rec_type_t(type), take, context, nullptr);
#else
    const auto take = [](void *asked, int status, int, unsigned char *bytes, int size) {
        answered(asked, status, bytes ? QByteArray(reinterpret_cast<const char *>(bytes), size) : QByteArray());
    };
    ares_query(channel, name, ns_c_in, type, take, context);
#endif
}

} // namespace restante::federation::compat
