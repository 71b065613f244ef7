// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cards/cardsource.h"

#include "base/inputfile.h"
#include "card/card.h"
#include "ui/cards/qrcode.h"

#include <QtCore/QBuffer>
#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QMimeData>
#include <QtCore/QRegularExpression>
#include <QtCore/QUrl>
#include <QtGui/QImageReader>

namespace restante::ui
{

namespace
{
struct CardSource {
    Q_DECLARE_TR_FUNCTIONS(CardSource)
};

constexpr qint64 MostFileBytes = qint64(32) << 20;
constexpr qint64 MostTextBytes = qint64(256) << 10;
constexpr qint64 MostPixels = 100'000'000;
/// Wider pictures are made smaller while they are read: a code that fills a part of them is seen all the same.
constexpr int MostSide = 2'400;

QString linkInside(const QString &text)
{
    static const QRegularExpression link(QStringLiteral("\\brestante:1/[A-Za-z0-9\\-._~:/?@!$'()*+,;=&%]+"),
                                         QRegularExpression::CaseInsensitiveOption);
    return link.match(text).captured();
}

FoundCard cardInBytes(const QByteArray &bytes, const QString &name)
{
    QString text = QString::fromUtf8(bytes.first(std::min<qsizetype>(bytes.size(), MostTextBytes)));
    if (text.contains(QLatin1String("<svg")))
        text.replace(QLatin1String("&amp;"), QLatin1String("&"));
    if (const QString link = linkInside(text); !link.isEmpty())
        return {link, {}};
    QBuffer buffer;
    buffer.setData(bytes);
    buffer.open(QIODevice::ReadOnly);
    QImageReader reader(&buffer);
    reader.setAutoTransform(true);
    const QSize size = reader.size();
    if (!reader.canRead() || !size.isValid())
        return {
            {},
            CardSource::tr("There is no card in %1: it is neither a picture nor a text with a card's link.").arg(name)};
    if (qint64(size.width()) * size.height() > MostPixels)
        return {{}, CardSource::tr("The picture %1 is too large.").arg(name)};
    if (std::max(size.width(), size.height()) > MostSide)
        reader.setScaledSize(size.scaled(MostSide, MostSide, Qt::KeepAspectRatio));
    const QImage picture = reader.read();
    if (picture.isNull())
        return {{}, CardSource::tr("The picture %1 is damaged.").arg(name)};
    return cardInPicture(picture);
}
} // namespace

FoundCard cardInText(const QString &text)
{
    const QString link = card::looksLikeCard(text) ? QString() : linkInside(text);
    return {link.isEmpty() ? text.trimmed() : link, {}};
}

FoundCard cardInPicture(const QImage &picture)
{
    const auto texts = textsInPicture(picture);
    for (const QByteArray &text : texts) {
        if (card::looksLikeCard(QString::fromUtf8(text)))
            return {QString::fromUtf8(text), {}};
    }
    return {{},
            texts.isEmpty()
                ? CardSource::tr("No QR code can be read in this picture. Is all of it in the picture, and sharp?")
                : CardSource::tr("The QR code in this picture is not a card of Restante.")};
}

FoundCard cardInFile(const QString &path)
{
    const QString name = QDir::toNativeSeparators(path);
    QFile file(path);
    if (const auto opened = base::openToRead(file); !opened)
        return {{}, CardSource::tr("%1 cannot be read: %2").arg(name, opened.error().detail)};
    if (file.size() > MostFileBytes)
        return {{}, CardSource::tr("%1 is too large for a card.").arg(name)};
    return cardInBytes(file.read(MostFileBytes), name);
}

FoundCard cardIn(const QMimeData &data)
{
    const auto urls = data.urls();
    if (!urls.isEmpty() && urls.first().isLocalFile())
        return cardInFile(urls.first().toLocalFile());
    if (data.hasText() && card::looksLikeCard(data.text()))
        return cardInText(data.text());
    if (data.hasImage())
        return cardInPicture(qvariant_cast<QImage>(data.imageData()));
    return cardInText(data.text());
}

bool mayHoldCard(const QMimeData &data)
{
    return data.hasUrls() || data.hasText() || data.hasImage();
}

} // namespace restante::ui
