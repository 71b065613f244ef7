// SPDX-License-Identifier: GPL-3.0-or-later
// The few colours of cards, charts and avatars beside those that the palette has: each is made of the palette's, so
// that they fit light, dark and high contrast alike. And the one scale of distances.
#pragma once

#include <QtGui/QColor>

class QPalette;
class QString;

namespace restante::ui
{

/// Distances between things, in pixels before the screen's scale.
namespace space
{
inline constexpr int Tight = 4;  ///< within one thing
inline constexpr int Near = 8;   ///< things that belong together
inline constexpr int Apart = 12; ///< cards
inline constexpr int Edge = 16;  ///< from the edge of a card to its content
} // namespace space

/// `share` (0 to 1) of `over`, the rest of `under`.
QColor mixed(const QColor &under, const QColor &over, qreal share);
/// Text on a card that is of second importance; still well readable.
QColor dimText(const QPalette &palette);
/// Borders of cards, and lines of a chart.
QColor hairLine(const QPalette &palette);
/// Behind something that is hovered or chosen, on a window's ground.
QColor tint(const QPalette &palette, qreal share);
/// The first and the second of two series of figures: the palette's accent, and one that differs from it in hue.
QColor firstSeries(const QPalette &palette);
QColor secondSeries(const QPalette &palette);
/// A colour for a name, always the same one, that letters on a card can have.
QColor nameColor(const QPalette &palette, const QString &name);

} // namespace restante::ui
