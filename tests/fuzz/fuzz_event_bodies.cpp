// SPDX-License-Identifier: GPL-3.0-or-later
// PIDF as any device may publish it: bounded, and the same when it is written and read again; and texts of
// people, which may not get out of their place.
// links: sr::core_pbx Qt6::Core
#include "core/pbx/event_bodies.h"

#include <QXmlStreamReader>

#include <cstdlib>

namespace {

bool isXml(const std::string& document)
{
    QXmlStreamReader reader(QByteArray::fromStdString(document));
    while (!reader.atEnd())
        reader.readNext();
    return !reader.hasError();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace sr::pbx;
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto read = parsePidf(text)) {
        if (read->note.size() > kMaxPresenceNote)
            std::abort();
        const auto again = parsePidf(writePidf("sip:100@pbx", *read));
        if (!again || *again != *read)
            std::abort();
    }
    CallState call;
    call.remoteNumber = call.remoteName = text;
    if (!isXml(writeDialogInfo(text, text, 0, {call})) || !isXml(writePidf(text, {true, {}, text})))
        std::abort();
    return 0;
}
