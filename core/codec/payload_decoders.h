// SPDX-License-Identifier: GPL-3.0-or-later
// Decoders that PayloadDecoder::open() chooses from; for the .cpp files of this folder.
#pragma once

#include "core/codec/payload_decoder.h"

#include <string>

namespace sr::codec {

inline constexpr std::uint32_t kWideband = 16000; ///< [Hz], the highest rate of the archive

/// G722, G729, G723, GSM, ILBC, G726-nn, AAL2-G726-nn; `encoding` in upper case.
Result<std::unique_ptr<PayloadDecoder>> openFramed(const std::string& encoding, const std::string& fmtp);
/// RFC 7587, any rate and channels, comes out at 16 kHz mono.
Result<std::unique_ptr<PayloadDecoder>> openOpus();

} // namespace sr::codec
