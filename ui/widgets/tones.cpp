// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/tones.h"

#include <QtCore/QString>
#include <QtGui/QPalette>

#include <cmath>

namespace restante::ui
{

namespace
{
bool isDark(const QPalette &palette)
{
    return palette.color(QPalette::Base).lightnessF() < 0.5F;
}
} // namespace

QColor mixed(const QColor &under, const QColor &over, qreal share)
{
    const auto mix = [share](float a, float b) { return a + (b - a) * float(share); };
    return QColor::fromRgbF(mix(under.redF(), over.redF()), mix(under.greenF(), over.greenF()),
                            mix(under.blueF(), over.blueF()));
}

QColor dimText(const QPalette &palette)
{
    return mixed(palette.color(QPalette::Base), palette.color(QPalette::Text), 0.68);
}

QColor hairLine(const QPalette &palette)
{
    return mixed(palette.color(QPalette::Base), palette.color(QPalette::Text), 0.16);
}

QColor tint(const QPalette &palette, qreal share)
{
    return mixed(palette.color(QPalette::Window), palette.color(QPalette::Highlight), share);
}

QColor firstSeries(const QPalette &palette)
{
    return palette.color(QPalette::Highlight);
}

QColor secondSeries(const QPalette &palette)
{
    const QColor first = firstSeries(palette).toHsl();
    if (first.hslSaturationF() < 0.15F) // black and white: half of the contrast
        return mixed(palette.color(QPalette::Base), palette.color(QPalette::Text), 0.5);
    constexpr float turn = 0.82F; // of the circle: blue becomes green
    const float hue = std::fmod(first.hslHueF() + turn, 1.0F);
    return QColor::fromHslF(hue, first.hslSaturationF() * 0.8F, isDark(palette) ? 0.55F : 0.4F);
}

QColor nameColor(const QPalette &palette, const QString &name)
{
    quint32 sum = 2'166'136'261U; // FNV-1a: the same in every run, which qHash is not
    for (const QChar letter : name)
        sum = (sum ^ letter.unicode()) * 16'777'619U;
    constexpr int hues = 12;
    return QColor::fromHslF(float(sum % hues) / hues, 0.45F, isDark(palette) ? 0.7F : 0.36F);
}

} // namespace restante::ui
