"""The error answers of the local VOD, in VOD's own words, codes and HTTP statuses."""

from collections.abc import Iterable


class ApiError(Exception):
    """An error answer. `code` and `status` as on VOD's pages of error codes (per operation, common, gateway)."""

    def __init__(self, code: str, status: int, message: str) -> None:
        super().__init__(code, status, message)
        self.code = code
        self.status = status
        self.message = message


def video_not_found() -> ApiError:
    """None of the videos asked about exists."""
    return ApiError("InvalidVideo.NotFound", 404, "The video does not exist.")


def stream_not_found() -> ApiError:
    """DeleteStream: none of the jobs belongs to the video."""
    return ApiError("InvalidStream.NotFound", 404, "The stream does not exist.")


def no_stream() -> ApiError:
    """GetPlayInfo: no stream fits what was asked for."""
    return ApiError("InvalidVideo.NoneStream", 404, "No matched stream is found by the specified parameters.")


def only_encrypted() -> ApiError:
    """GetPlayInfo, ResultType Single: what fits is encrypted."""
    message = "Only the AliyunVoDEncryption stream exists, you must use the Aliyun player to play."
    return ApiError("Forbidden.AliyunVoDEncryption", 403, message)


def source_not_found() -> ApiError:
    """GetMezzanineInfo: there is no source file."""
    return ApiError("InvalidFile.NotFound", 404, "The file does not exist.")


def no_such_resource() -> ApiError:
    """Images and snapshots: nothing of what was named exists."""
    return ApiError("NoSuchResource", 404, "The specified resource does not exist.")


def nothing_found(action: str) -> ApiError:
    """What a delete operation says when nothing of what was named exists."""
    own = {"DeleteStream": stream_not_found, "DeleteImage": no_such_resource}
    return own.get(action, video_not_found)()


def illegal_status(status: int) -> ApiError:
    """GetPlayInfo (403) and ListSnapshots (400): the video is not in a status that allows it."""
    return ApiError("Forbidden.IllegalStatus", status, "The status of the video is invalid.")


def other_application() -> ApiError:
    """The identity may not write to the application that owns the media, where no per-id list can say so."""
    message = "You are not authorized to operate the resource of the application."
    return ApiError("Forbidden.OperateAppResource", 403, message)


def missing(name: str) -> ApiError:
    """A parameter that must be there is absent or empty."""
    return ApiError("MissingParameter", 400, f'The input parameter "{name}" that is mandatory is not supplied.')


def invalid(name: str, why: str) -> ApiError:
    """A parameter that is there cannot be used."""
    return ApiError("InvalidParameter", 400, f'The specified parameter "{name}" is not valid: {why}.')


def token_mismatch() -> ApiError:
    """A security token that does not belong to the key it came with."""
    message = "Specified SecurityToken mismatch with the AccessKey."
    return ApiError("InvalidSecurityToken.MismatchWithAccessKey", 400, message)


def unknown_parameters(action: str, names: Iterable[str]) -> ApiError:
    """Stricter than the real API, which ignores them: a misspelt parameter must not go unnoticed here."""
    return ApiError("InvalidParameter", 400, f"{action} has no parameters called {', '.join(sorted(names))}.")


def too_many(code: str, name: str, most: int) -> ApiError:
    """More ids than one call may carry; the code differs per operation."""
    return ApiError(code, 400, f"The number of {name} exceeds the maximum of {most}.")


def unknown_action() -> ApiError:
    """No such operation in this version of the API, or one the sandbox does not have."""
    message = "Specified api is not found, please check your url and method."
    return ApiError("InvalidAction.NotFound", 404, message)


def unknown_version() -> ApiError:
    """VOD has one version, 2017-03-21."""
    return ApiError("InvalidVersion", 400, "Specified parameter Version is not valid.")


def unknown_key() -> ApiError:
    """The AccessKeyId is nobody's."""
    return ApiError("InvalidAccessKeyId.NotFound", 404, "Specified access key is not found.")


def stale_timestamp() -> ApiError:
    """The caller's clock is off by more than 15 minutes."""
    return ApiError("InvalidTimeStamp.Expired", 400, "Specified time stamp or date value is expired.")


def nonce_used() -> ApiError:
    """The same SignatureNonce came twice."""
    return ApiError("SignatureNonceUsed", 400, "Specified signature nonce was used already.")


def signature_mismatch(string_to_sign: str) -> ApiError:
    """The signature is wrong. The SDK splits this message at ":" and compares what follows with its own string."""
    message = f"Specified signature is not matched with our calculation. server string to sign is:{string_to_sign}"
    return ApiError("SignatureDoesNotMatch", 400, message)


def signature_refused() -> ApiError:
    """The signature is wrong, in words without the ":" at which the SDK splits them (it raises IndexError)."""
    return ApiError("SignatureDoesNotMatch", 400, "Specified signature is not matched with our calculation.")


def throttled() -> ApiError:
    """Over the quota of the account for this operation."""
    return ApiError("Throttling.User", 400, "Request was denied due to user flow throttling.")


def unavailable(action: str) -> ApiError:
    """VOD's "try later": DeleteVideo and DeleteStream have a code of their own for it."""
    own = {"DeleteVideo": "DeleteVideoFailed", "DeleteStream": "DeleteStreamFailed"}
    message = "The request has failed due to a temporary failure of the server."
    return ApiError(own.get(action, "ServiceUnAvailable"), 503, message)


def internal() -> ApiError:
    """VOD's unspecific 500."""
    message = "The request processing has failed due to some unknown error, exception or failure."
    return ApiError("InternalError", 500, message)


def forbidden_by_ram() -> ApiError:
    """The RAM identity lacks the permission for the operation."""
    return ApiError("Forbidden", 403, "User not authorized to operate on the specified resource.")


def suspended() -> ApiError:
    """The account's bill is overdue."""
    message = "Your VOD service is suspended because your account has an overdue payment."
    return ApiError("OperationDenied.Suspended", 403, message)


def wrong_match() -> ApiError:
    """SearchMedia: the `Match` expression cannot be read."""
    return ApiError("ErrorMatchSyntax", 400, "The syntax of the parameter Match is invalid.")


def token_expired() -> ApiError:
    """SearchMedia: a ScrollToken that was never given out, or that nobody has used for too long."""
    return ApiError("InvalidScrollToken.Expired", 400, "The specified ScrollToken has expired.")
