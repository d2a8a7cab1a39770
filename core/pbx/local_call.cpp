// SPDX-License-Identifier: GPL-3.0-or-later
// The application's handle on a line.
#include "core/pbx/local_call.h"

#include "core/pbx/local_line.h"

namespace sr::pbx {

LocalCall::LocalCall(std::shared_ptr<LocalLine> line)
    : m_line(std::move(line))
{}

LocalCall::~LocalCall()
{
    m_line->dropApplication();
    m_line->hangUp(kUnavailable);
}

const LocalCallInfo& LocalCall::info() const
{
    return m_line->info();
}

void LocalCall::setEvents(LocalCallEvents events)
{
    m_line->setApplication(std::move(events));
}

bool LocalCall::isAnswered() const
{
    return m_line->isAnswered();
}

bool LocalCall::isOver() const
{
    return m_line->isOver();
}

std::string LocalCall::codec() const
{
    const LocalMedia* const media = m_line->openMedia();
    return media == nullptr ? std::string() : media->codec();
}

void LocalCall::ring()
{
    m_line->ring();
}

Status LocalCall::playEarly()
{
    return m_line->playEarly();
}

Status LocalCall::answer()
{
    return m_line->answer();
}

Status LocalCall::play(media::PlayList list)
{
    auto media = m_line->media();
    return media ? (*media)->port().play(std::move(list)) : Status(media.error());
}

void LocalCall::stop()
{
    if (LocalMedia* const media = m_line->openMedia())
        media->port().stop();
}

Status LocalCall::record(media::RecordPlan plan)
{
    auto media = m_line->media();
    if (!media)
        return media.error();
    (*media)->port().record(std::move(plan));
    return {};
}

void LocalCall::stopRecording()
{
    if (LocalMedia* const media = m_line->openMedia())
        media->port().stopRecording();
}

Status LocalCall::join(media::Conference& conference)
{
    auto media = m_line->media();
    return media ? (*media)->port().join(conference) : Status(media.error());
}

void LocalCall::leave()
{
    if (LocalMedia* const media = m_line->openMedia())
        media->port().leave();
}

Status LocalCall::setEcho(bool echo)
{
    auto media = m_line->media();
    if (!media)
        return media.error();
    (*media)->port().setEcho(echo);
    return {};
}

Status LocalCall::press(char symbol, std::chrono::milliseconds length)
{
    auto media = m_line->media();
    if (!media)
        return media.error();
    if (!(*media)->port().press(symbol, length))
        m_line->sendInfo({symbol, length});
    return {};
}

void LocalCall::transfer(const std::string& number)
{
    m_line->refer({number, std::nullopt});
}

void LocalCall::transferTo(const LocalCall& other)
{
    m_line->refer({{}, other.m_line->dialog()});
}

void LocalCall::hangUp(int status)
{
    m_line->hangUp(status);
}

} // namespace sr::pbx
