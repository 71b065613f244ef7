// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QSpinBox>

namespace restante::ui
{

/// A number of bytes, edited in MiB.
class SizeField final : public QSpinBox
{
    Q_OBJECT

public:
    explicit SizeField(QWidget *parent = nullptr);

    /// A value that is not a whole number of MiB is shown rounded, and kept exactly until it is edited.
    void setBytes(qint64 bytes);
    qint64 bytes() const;

private:
    qint64 m_loaded = 0;
};

} // namespace restante::ui
