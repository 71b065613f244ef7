// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/facade.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace restante::http
{

Facade::Facade(Patron &patron, const QTcpSocket &real)
    : m_patron(&patron)
{
    setPeerAddress(real.peerAddress());
    setPeerPort(real.peerPort());
    setLocalAddress(real.localAddress());
    setLocalPort(real.localPort());
    setSocketState(ConnectedState);
    setOpenMode(QIODevice::ReadWrite);
}

Facade::~Facade()
{
    // The base class would try to close what it never had.
    setSocketState(UnconnectedState);
    setOpenMode(QIODevice::NotOpen);
    if (m_patron)
        m_patron->facadeGone();
}

void Facade::show(const QByteArray &request)
{
    m_request = request;
    m_read = 0;
    Q_EMIT readyRead();
}

void Facade::retire()
{
    m_patron = nullptr;
    m_request.clear();
    m_read = 0;
    setSocketState(UnconnectedState);
    Q_EMIT disconnected();
}

qint64 Facade::bytesAvailable() const
{
    // NOLINTNEXTLINE(bugprone-parent-virtual-call): the socket under this is none
    return QIODevice::bytesAvailable() + m_request.size() - m_read;
}

qint64 Facade::bytesToWrite() const
{
    return m_patron ? m_patron->unsentBytes() : 0;
}

void Facade::disconnectFromHost()
{
    if (m_patron)
        m_patron->hangUpRequested();
}

void Facade::close()
{
    disconnectFromHost();
}

qint64 Facade::readData(char *data, qint64 maxSize)
{
    const qint64 size = std::min<qint64>(maxSize, m_request.size() - m_read);
    if (size <= 0)
        return 0;
    std::memcpy(data, m_request.constData() + m_read, std::size_t(size));
    m_read += size;
    return size;
}

qint64 Facade::writeData(const char *data, qint64 size)
{
    if (m_patron)
        m_patron->answerBytes(data, size);
    return size;
}

} // namespace restante::http
