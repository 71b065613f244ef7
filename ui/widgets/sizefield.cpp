// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/sizefield.h"

namespace restante::ui
{

namespace
{
constexpr qint64 MiB = qint64(1) << 20;
constexpr int LargestMiB = 1 << 26; // 64 TiB

int rounded(qint64 bytes)
{
    return int(std::clamp<qint64>((bytes + MiB / 2) / MiB, 0, LargestMiB));
}
} // namespace

SizeField::SizeField(QWidget *parent)
    : QSpinBox(parent)
{
    setRange(0, LargestMiB);
    setGroupSeparatorShown(true);
    setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    //: Binary megabytes behind a number, with the space before it
    setSuffix(tr(" MiB"));
}

void SizeField::setBytes(qint64 bytes)
{
    m_loaded = bytes;
    setValue(rounded(bytes));
}

qint64 SizeField::bytes() const
{
    return value() == rounded(m_loaded) ? m_loaded : value() * MiB;
}

} // namespace restante::ui
