// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/base64.h"

#include <array>

namespace restante::matrix
{

namespace
{

constexpr char Letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The value of each letter of both alphabets, -1 for every other byte.
constexpr std::array<int, 256> makeValues()
{
    std::array<int, 256> values{};
    for (auto &value : values)
        value = -1;
    for (int i = 0; i < 64; ++i)
        values[static_cast<unsigned char>(Letters[i])] = i;
    values['-'] = 62;
    values['_'] = 63;
    return values;
}

constexpr std::array<int, 256> Values = makeValues();

/// The text without its padding; nothing if the padding does not fit the length.
std::optional<QByteArrayView> withoutPadding(QByteArrayView text)
{
    qsizetype padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
        ++padding;
    if (padding > 0 && text.size() % 4 != 0)
        return std::nullopt;
    return text.chopped(padding);
}

} // namespace

std::optional<QByteArray> decodeBase64(QByteArrayView text, qsizetype bytes)
{
    const auto letters = withoutPadding(text);
    if (!letters || letters->size() % 4 == 1)
        return std::nullopt;
    const qsizetype size = letters->size() / 4 * 3 + (letters->size() % 4 == 0 ? 0 : letters->size() % 4 - 1);
    if (bytes >= 0 && size != bytes)
        return std::nullopt;

    QByteArray decoded(size, Qt::Uninitialized);
    char *to = decoded.data();
    bool standard = false;
    bool urlSafe = false;
    quint32 pending = 0;
    int bits = 0;
    for (const char letter : *letters) {
        const int value = Values[static_cast<unsigned char>(letter)];
        if (value < 0)
            return std::nullopt;
        standard = standard || letter == '+' || letter == '/';
        urlSafe = urlSafe || letter == '-' || letter == '_';
        pending = (pending << 6) | static_cast<quint32>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            *to++ = static_cast<char>((pending >> bits) & 0xFF);
        }
    }
    if (standard && urlSafe)
        return std::nullopt;
    return decoded;
}

QByteArray encodeBase64(QByteArrayView bytes)
{
    return QByteArray::fromRawData(bytes.data(), bytes.size())
        .toBase64(QByteArray::Base64Encoding | QByteArray::OmitTrailingEquals);
}

} // namespace restante::matrix
