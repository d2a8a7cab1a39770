// SPDX-License-Identifier: GPL-3.0-or-later
// What the sidecar says of a captured call, before and after its sound is known.
#pragma once

#include "core/archive/recording.h"
#include "core/capture/captured_call.h"
#include "core/codec/call_audio.h"
#include "recorder/pipeline/audio_output.h"
#include "recorder/session/parties.h"

namespace sr::recorder {

/// Identity, numbers, times, flow. Start is the answer, or the INVITE of an unanswered call.
archive::Recording callFacts(const capture::CapturedCall& call, const Parties& parties);

/// Streams sorted to [internal, external], from the answer to the end.
codec::CallAudioInput audioInputOf(const capture::CapturedCall& call, const Parties& parties,
                                   bool alwaysG711);

/// Codecs, losses, digits and insertions of the part [firstFrame, firstFrame + frames), counted from its
/// start; keepMarksOfLayout().
void addSoundFacts(archive::Recording& recording, const codec::CallAudioInfo& info, std::uint64_t firstFrame,
                   std::uint64_t frames);

/// A recording of packets after its call was written as sound.
archive::Recording becomeSound(archive::Recording packets, const WrittenAudio& written, OutputFormat format,
                               const codec::CallAudioInfo& info);

/// A layout of one party keeps the digits and insertions of that party only (decisions.md 4).
void keepMarksOfLayout(archive::Recording& recording);

/// Whether a party sent packets of which nothing can be heard: as sound it would be lost for good.
bool losesParty(const codec::CallAudioInfo& info);

/// Packets that the capture cut short count as lost: what is left of them is no whole sound.
void addCutPackets(archive::Recording& recording, const capture::CapturedCall& call, const Parties& parties);

} // namespace sr::recorder
