// SPDX-License-Identifier: GPL-3.0-or-later
// One sentence for each kind of step that the tracker writes.
#include "player/ui/flow_text.h"

#include "player/model/format_text.h"

#include <QCoreApplication>

namespace sr::player {

namespace {

struct Flow {
    Q_DECLARE_TR_FUNCTIONS(sr::player::FlowText)
public:
    static QString sentence(const std::string& kind, const QString& who, const QString& other,
                            const QString& detail, quint32 rang);
};

QString Flow::sentence(const std::string& kind, const QString& who, const QString& other,
                       const QString& detail, quint32 rang)
{
    if (kind == "invite")
        return tr("%1 calls %2").arg(who, other);
    if (kind == "challenge")
        return {};
    if (kind == "progress")
        return tr("call in progress");
    if (kind == "ringing")
        return tr("rings at %1").arg(who);
    if (kind == "early-media")
        return tr("announcement or tone from %1").arg(who);
    if (kind == "answer")
        return tr("answered after %n s", nullptr, static_cast<int>(rang));
    if (kind == "reinvite")
        return tr("%1 changes the connection").arg(who);
    if (kind == "hold")
        return tr("%1 holds the call").arg(who);
    if (kind == "retrieve")
        return tr("%1 takes the call back").arg(who);
    if (kind == "refer")
        return detail.isEmpty() ? tr("%1 transfers the call").arg(who)
                                : tr("%1 transfers to %2").arg(who, detail);
    if (kind == "replaces")
        return tr("%1 takes over another call").arg(who);
    if (kind == "redirect")
        return detail.isEmpty() ? tr("%1 forwards the call").arg(who)
                                : tr("%1 forwards to %2").arg(who, detail);
    if (kind == "cancel")
        return tr("%1 gives up").arg(who);
    if (kind == "reject")
        return detail.isEmpty() ? tr("%1 rejects the call").arg(who) : tr("%1 rejects: %2").arg(who, detail);
    if (kind == "bye")
        return tr("%1 hangs up").arg(who);
    if (kind == "lost")
        return tr("the capture ends here");
    return detail.isEmpty() ? text(kind) : text(kind) + QStringLiteral(": ") + detail;
}

} // namespace

QString flowText(const archive::FlowStep& step, const archive::Recording& call)
{
    const bool external = step.by == "external";
    const QString internal = partyText(call.internal, call.internalName);
    const QString outside = partyText(call.external, call.externalName);
    return Flow::sentence(step.kind, external ? outside : internal, external ? internal : outside,
                          text(step.detail), call.answerSeconds);
}

} // namespace sr::player
