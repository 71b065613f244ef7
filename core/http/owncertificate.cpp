// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/owncertificate.h"

#include "base/wholefile.h"

#include <QtCore/QCryptographicHash>
#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtNetwork/QSslKey>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sodium.h>

#include <memory>

using namespace Qt::Literals::StringLiterals;

namespace restante::http
{

namespace
{

template <auto Release>
struct Releaser {
    template <typename T>
    void operator()(T *object) const
    {
        Release(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Releaser<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Releaser<X509_EXTENSION_free>>;
using Memory = std::unique_ptr<BIO, Releaser<BIO_free>>;

/// RFC 5280 gives this date to certificates without an end, and clocks of laptops may be wrong by years.
constexpr char FirstDay[] = "20000101000000Z";
constexpr char NoEnd[] = "99991231235959Z";
constexpr int SerialBytes = 16;
constexpr long VersionThree = 2;

bool setSerial(X509 *certificate)
{
    unsigned char random[SerialBytes];
    randombytes_buf(random, sizeof random);
    random[0] &= 0x7f; // a positive number
    const std::unique_ptr<BIGNUM, Releaser<BN_free>> number(BN_bin2bn(random, sizeof random, nullptr));
    return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
}

bool setName(X509 *certificate, const QByteArray &name)
{
    constexpr qsizetype longest = 64; // as X.509 has it; a longer name is cut, since nothing depends on it
    X509_NAME *subject = X509_get_subject_name(certificate);
    const QByteArray text = name.left(longest);
    return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char *>(text.constData()), int(text.size()), -1,
                                      0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1;
}

bool addExtension(X509 *certificate, int kind, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

Certificate certificateFor(EVP_PKEY *key, const QByteArray &name)
{
    Certificate made(X509_new());
    const bool complete =
        made && X509_set_version(made.get(), VersionThree) == 1 && setSerial(made.get()) &&
        ASN1_TIME_set_string(X509_getm_notBefore(made.get()), FirstDay) == 1 &&
        ASN1_TIME_set_string(X509_getm_notAfter(made.get()), NoEnd) == 1 && setName(made.get(), name) &&
        X509_set_pubkey(made.get(), key) == 1 && addExtension(made.get(), NID_basic_constraints, "critical,CA:FALSE") &&
        addExtension(made.get(), NID_ext_key_usage, "serverAuth") && X509_sign(made.get(), key, EVP_sha256()) > 0;
    return complete ? std::move(made) : nullptr;
}

/// Certificate and key as PEM; empty if the library cannot.
QByteArray newPair(const QByteArray &name)
{
    const Key key(EVP_EC_gen("P-256"));
    const Certificate certificate = key ? certificateFor(key.get(), name) : nullptr;
    const Memory memory(BIO_new(BIO_s_mem()));
    if (!certificate || !memory || PEM_write_bio_X509(memory.get(), certificate.get()) != 1 ||
        PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return {};
    char *text = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &text);
    QByteArray pair(text, size);
    sodium_memzero(text, std::size_t(size));
    return pair;
}

} // namespace

Result<TlsFiles> ownCertificate(const QString &folder, const QString &serverName)
{
    const QString path = QDir(folder).filePath(QLatin1String(OwnCertificateFile));
    const TlsFiles files{path, path};
    if (QFileInfo::exists(path))
        return files;
    QByteArray pair = newPair(serverName.toUtf8());
    if (pair.isEmpty())
        return {Errc::Internal, u"The TLS library cannot make a certificate"_s};
    const auto written = base::WholeFile::write(path, pair, base::WholeFile::Buffer::Unbuffered);
    sodium_memzero(pair.data(), std::size_t(pair.size()));
    if (!written)
        return written.error();
    return files;
}

QByteArray pinOf(const QSslCertificate &certificate)
{
    return QCryptographicHash::hash(certificate.publicKey().toDer(), QCryptographicHash::Sha256);
}

} // namespace restante::http
