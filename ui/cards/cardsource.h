// SPDX-License-Identifier: GPL-3.0-or-later
// Where the link of a card can come from: a text, a file, a picture.
#pragma once

#include <QtCore/QString>
#include <QtGui/QImage>

class QMimeData;

namespace restante::ui
{

/// The link that was found, as it stands there, or in translated words why there is none. Links need not be right.
struct FoundCard {
    QString link;
    QString problem;
};

/// Inside any text, such as a whole message. `link` is `text` itself if no link is in it.
FoundCard cardInText(const QString &text);
/// In the QR codes of a picture.
FoundCard cardInPicture(const QImage &picture);
/// A file with the link in it, SVG included, or a picture. Reads at most some MiB of it; pictures of more than 100
/// megapixels are refused.
FoundCard cardInFile(const QString &path);
/// What was dropped or is in the clipboard; of files the first.
FoundCard cardIn(const QMimeData &data);
/// Whether there is anything that `cardIn` looks at.
bool mayHoldCard(const QMimeData &data);

} // namespace restante::ui
