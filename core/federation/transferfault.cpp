// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/transferfault.h"

#include <cerrno>

using namespace Qt::Literals::StringLiterals;

namespace restante::federation
{

namespace
{
// OpenSSL's X509_V_ERR_… (x509_vfy.h), which are part of its stable interface; its headers are not needed for anything
// else here.
enum VerifyResult : long {
    Fine = 0,
    Unspecified = 1, // as libcurl leaves it if the name was what it did not like
    NoIssuer = 2,
    NotYetValid = 9,
    Expired = 10,
    SelfSigned = 18,
    SelfSignedInChain = 19,
    NoLocalIssuer = 20,
    NoLeafSignature = 21,
    Revoked = 23,
    Untrusted = 27,
    OtherHost = 62,
    OtherAddress = 64,
};

QString certificateWords(long result)
{
    switch (result) {
    case Fine:
    case Unspecified:
    case OtherHost:
    case OtherAddress:
        return u"Its certificate is for another name"_s;
    case Expired:
        return u"Its certificate has expired"_s;
    case NotYetValid:
        return u"Its certificate is not valid yet, or the clock here is wrong"_s;
    case SelfSigned:
        return u"Its certificate is self-signed, and not known here"_s;
    case NoIssuer:
    case SelfSignedInChain:
    case NoLocalIssuer:
    case NoLeafSignature:
    case Untrusted:
        return u"Its certificate comes from an authority that is not known here"_s;
    case Revoked:
        return u"Its certificate was revoked"_s;
    default:
        return u"Its certificate was refused (OpenSSL's verify error %1)"_s.arg(result);
    }
}

/// Empty if the errno says nothing that has words of its own.
QString systemWords(long number)
{
    switch (number) {
    case ECONNREFUSED:
        return u"It refused the connection: nothing listens there"_s;
    case ECONNRESET:
    case EPIPE:
        return u"It reset the connection"_s;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL:
        return u"There is no route to it"_s;
    case EACCES:
    case EPERM:
        return u"This computer does not let the connection out"_s;
    default:
        return {};
    }
}
/// A single line of the head goes on for ever. libcurl has a code of its own for that since 8.6, CURLE_TOO_LARGE; by
/// number, because older headers do not know it and the library is not always that of the headers.
bool isEndlessLine(CURLcode code)
{
    constexpr int tooLarge = 100;
    return code == CURLE_OUT_OF_MEMORY || int(code) == tooLarge;
}
} // namespace

Error errorOf(const TransferFault &fault)
{
    if (isEndlessLine(fault.code))
        return {Errc::BadAnswer, u"It did not answer in HTTP"_s, 0};
    switch (fault.code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
        return {Errc::CertificateRefused, certificateWords(fault.certificate), 0};
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        return {Errc::CertificateRefused, u"Its certificate has another key than the pinned one"_s, 0};
    case CURLE_SSL_CACERT_BADFILE:
        return {Errc::AuthoritiesUnreadable,
                u"The file with certificate authorities could not be read: that of federation.ca_file, or the "
                "system's (package ca-certificates)"_s,
                0};
    case CURLE_FILESIZE_EXCEEDED:
        return {Errc::BadAnswer, u"Its answer is too large"_s, 0};
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WRITE_ERROR:
        return {Errc::BadAnswer, u"It did not answer in HTTP"_s, 0};
    case CURLE_OPERATION_TIMEDOUT:
        return {Errc::Unreachable,
                fault.connected ? u"It did not answer in time"_s : u"No connection could be made in time"_s, 0};
    default:
        break;
    }
    if (const QString words = systemWords(fault.system); !words.isEmpty())
        return {Errc::Unreachable, words, 0};
    switch (fault.code) {
    case CURLE_COULDNT_CONNECT:
        return {Errc::Unreachable, u"No connection could be made"_s, 0};
    case CURLE_SSL_CONNECT_ERROR:
        return {Errc::Unreachable, u"It could not agree on TLS, or broke off the handshake"_s, 0};
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR: // as newer versions call the end of a TLS connection
        return {Errc::Unreachable, u"It closed the connection before a whole answer had come"_s, 0};
    case CURLE_PARTIAL_FILE:
        return {Errc::Unreachable, u"The connection was cut off"_s, 0};
    default:
        return {Errc::Unreachable, u"The connection failed: "_s + QString::fromLatin1(curl_easy_strerror(fault.code)),
                0};
    }
}

} // namespace restante::federation
