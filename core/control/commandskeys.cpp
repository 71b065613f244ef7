// SPDX-License-Identifier: GPL-3.0-or-later
// Which keys of other servers are believed.
#include "control/arguments.h"
#include "control/commandparts.h"
#include "control/jsonof.h"
#include "identity/identity.h"
#include "matrix/base64.h"

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
QByteArray checkedKeyId(Arguments &arguments, const QString &written)
{
    QByteArray keyId = written.toUtf8();
    if (!matrix::isEd25519KeyId(keyId))
        arguments.refuse(u"key_id: \"%1\" is not a key id; one is written like ed25519:a_AbCd"_s.arg(written));
    return keyId;
}

identity::PublicKey publicKey(Arguments &arguments)
{
    identity::PublicKey key{};
    const QString written = arguments.text("key"_L1);
    if (const auto bytes = matrix::decodeBase64(written.toUtf8(), qsizetype(key.size())))
        std::copy(bytes->cbegin(), bytes->cend(), key.begin());
    else
        arguments.refuse(u"key: \"%1\" is not an ed25519 key; one is 43 characters of base64"_s.arg(written));
    return key;
}

void tellKeys(Request &request)
{
    Arguments arguments(request.arguments());
    const auto server = arguments.optionalServerName("server"_L1);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    request.operations().fetchKeys(server, &request,
                                   request.answer<ServerKeys>([](const ServerKeys &keys) { return jsonOf(keys); }));
}

void pinKey(Request &request)
{
    Arguments arguments(request.arguments());
    const auto server = arguments.newServerName("server"_L1);
    const QByteArray keyId = checkedKeyId(arguments, arguments.text("key_id"_L1));
    const identity::PublicKey key = publicKey(arguments);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    request.operations().pinKey(server, keyId, key, &request, request.answer<bool>([](bool replaced) {
        return QJsonObject{{u"replaced"_s, replaced}};
    }));
}

void forgetKeys(Request &request)
{
    Arguments arguments(request.arguments());
    const auto server = arguments.serverName("server"_L1);
    QByteArray keyId;
    if (const auto written = arguments.givenText("key_id"_L1))
        keyId = checkedKeyId(arguments, *written);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    request.operations().forgetKeys(server, keyId, &request, request.answer<qint64>([](qint64 count) {
        return QJsonObject{{u"forgotten"_s, count}};
    }));
}
} // namespace

QList<Command> keyCommands()
{
    return {
        {"key list"_L1,
         "The keys of other servers, which ones were refused, and whose could not be fetched"_L1,
         {{"SERVER"_L1, "server"_L1}},
         Answer::Keys,
         tellKeys},
        {"key pin"_L1,
         "Trust this key of a server from now on, instead of the one that is held under its id"_L1,
         {word("SERVER"_L1, "server"_L1), word("KEYID"_L1, "key_id"_L1), word("KEY"_L1, "key"_L1)},
         Answer::Pinned,
         pinKey},
        {"key forget"_L1,
         "Forget the keys of a server, or one; the next request has them fetched anew"_L1,
         {word("SERVER"_L1, "server"_L1), {"KEYID"_L1, "key_id"_L1}},
         Answer::ForgottenKeys,
         forgetKeys},
    };
}

} // namespace restante::control
