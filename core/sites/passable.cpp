// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/passable.h"

#include "matrix/pathsegments.h"

#include <algorithm>

namespace restante::sites
{

namespace
{
/// A raw segment that another server might understand as a way up.
bool isSlippery(QByteArrayView segment)
{
    const auto decoded = matrix::decodeSegment(segment);
    if (!decoded || decoded->contains('\\'))
        return true;
    const auto pieces = decoded->split('/');
    return std::any_of(pieces.begin(), pieces.end(),
                       [](const QByteArray &piece) { return piece == "." || piece == ".."; });
}
} // namespace

Result<void> checkPassable(const QByteArray &target, std::initializer_list<QByteArrayView> parts)
{
    const auto segments = matrix::pathSegments(target);
    if (segments.size() < 3 || segments[0] != "_matrix" ||
        std::find(parts.begin(), parts.end(), segments[1]) == parts.end()) {
        QByteArray known;
        for (const QByteArrayView part : parts)
            known += (known.isEmpty() ? "" : ", ") + part.toByteArray();
        return {Errc::NotFound, QStringLiteral("Only requests below these parts of /_matrix are passed on: ") +
                                    QString::fromLatin1(known)};
    }
    const auto isPlain = [](QByteArrayView segment) { return !segment.contains('%'); };
    if (!std::all_of(segments.begin(), segments.begin() + std::min<qsizetype>(segments.size(), 4), isPlain) ||
        std::any_of(segments.begin(), segments.end(), isSlippery))
        return {Errc::InvalidParam, QStringLiteral("The path has segments that can be read in two ways")};
    return {};
}

QByteArray sentTransaction(QByteArrayView method, const QByteArray &target)
{
    const auto segments = matrix::pathSegments(target);
    if (method != "PUT" || segments.size() != 5 || segments[1] != "federation" || segments[2] != "v1" ||
        segments[3] != "send")
        return {};
    const auto decoded = matrix::decodeSegment(segments[4]);
    return decoded && !decoded->isEmpty() ? *decoded : QByteArray();
}

bool asksForKeys(QByteArrayView method, const QByteArray &target)
{
    const auto segments = matrix::pathSegments(target);
    return method == "GET" && (segments.size() == 4 || segments.size() == 5) && segments[1] == "key" &&
           segments[2] == "v2" && segments[3] == "server";
}

} // namespace restante::sites
