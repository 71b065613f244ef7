// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <curl/curl.h>

namespace restante::federation
{

/// What libcurl, TLS and the system say of a transfer that failed.
struct TransferFault {
    CURLcode code = CURLE_OK;
    long certificate = 0;   ///< CURLINFO_SSL_VERIFYRESULT: OpenSSL's reason why a certificate was refused
    long system = 0;        ///< CURLINFO_OS_ERRNO: an errno; 0 if the system said nothing
    bool connected = false; ///< the connection stood, TLS agreed on
};

/// The same in words, with one sentence for each thing that can be done about it: the one place where they are chosen.
/// Unreachable, CertificateRefused, AuthoritiesUnreadable or BadAnswer. Any thread.
Error errorOf(const TransferFault &fault);

} // namespace restante::federation
