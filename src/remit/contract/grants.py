"""What a call may be filled with: arguments, labels of results, templates, endorsements."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from remit.contract.part import Many, Name, Number, Part, Text, ToolName, widen

Scalar = str | int | float | bool
Pinned = Scalar | Many[Scalar]


class Argument(Part):
    """What one argument of a tool may be."""

    kind: Literal["authority", "detail", "content"] = "authority"
    """`authority`: it decides who, what or how much; `content`: words that decide nothing; `detail`: when
    or how, an authority wherever somebody else is affected or no other argument is pinned."""
    is_: Text | None = Field(None, alias="is")
    """It is this attested field, such as `user.account`: the runtime fills it; no model is asked for it."""
    only_from: Text | None = None
    """It must have stood in this field of an earlier result, such as `find_order.id`."""
    max: Number | None = None
    """The largest number allowed, whoever approves."""
    min: Number | None = None
    """The smallest number allowed, whoever approves."""
    type: Name | None = None
    """The namespace of an identifier, such as `file.id`: a value of another one never fits."""
    active_content: Literal["ask", "deny", "allow"] = "ask"
    """What becomes of a link, an address, an account number or markup in a `content` that others read,
    unless trusted text holds the same."""


class FieldLabel(Part):
    """What is known of one field of a tool's result."""

    integrity: Literal["attested", "third_party"] = "attested"
    """`attested`: the system made it, or it comes from a directory that you vouch for."""
    type: Name | None = None
    """The namespace of its values, such as `file.id`."""


class Returns(Part):
    """Whose words a tool's result is made of, and who may read them."""

    integrity: Literal["operator", "attested", "third_party"] | None = None
    """Of the result as a whole; it may only tighten what the code declares."""
    readers: Literal["user", "public"] = "user"
    """`user`: what it holds is nobody else's business; `public`: anybody may know."""
    records: Text | None = None
    """The field that holds the records, where the result is neither a record nor a list of them."""
    creates: Name | None = None
    """The namespace of the identifier of what the call has made: this run's own."""
    fields: dict[Text, Annotated[FieldLabel, widen("integrity")]] = Field(
        default_factory=dict[str, FieldLabel]
    )
    """What is known of single fields, by name; `name.name` leads into what a field holds."""


class Where(Part):
    """A condition on the records that `select` looks at; every one that is written has to hold."""

    field: Text
    """The field of the record; `argument.NAME` is what the call was made with."""
    is_: Scalar | None = Field(None, alias="is")
    """It is exactly this."""
    starts_with: Text | None = None
    """It begins with this."""
    contains: Text | None = None
    """It holds this, whatever the case of its letters."""
    at_least: Scalar | None = None
    """It is this or comes after it."""
    at_most: Scalar | None = None
    """It is this or comes before it."""


class Select(Part):
    """A value that the runtime computes from fields of results; no model chooses it."""

    from_: ToolName = Field(alias="from")
    """The read whose results are looked at."""
    over: Literal["records", "calls"] = "records"
    """Each record of the results, or each call of that tool with `argument.NAME` and `count`."""
    where: Many[Where] = ()
    """Which of them count."""
    pick: Literal["only", "each", "any", "first", "last", "max", "min", "count", "sum", "most_common"] = (
        "only"
    )
    """`only`: the one that there is; `any`: one or some of them; `max` and `min`: the one whose `by` is the
    largest or smallest."""
    by: Text | None = None
    """The field that `max` and `min` compare."""
    field: Text | None = None
    """The field that is given; `count` needs none."""
    times: Number = 1.0
    """A number is multiplied by this."""
    plus: Number = 0.0
    """And this is added to it."""


class After(Part):
    """A time that follows from another argument of the same call."""

    argument: Text
    """The argument that holds the earlier time."""
    minutes: int = Field(gt=0)
    """How much later it is."""


class Hole(Part):
    """What may stand in one argument of a template: exactly one of these."""

    value: Pinned | None = None
    """Exactly this; a plain value in the file stands for it."""
    one_of: Many[Scalar] = ()
    """One of these."""
    is_: Text | None = Field(None, alias="is")
    """An attested field of the caller, such as `user.account`."""
    only: Text | None = None
    """This field of the only record that a read of the same grant, all its arguments pinned, gave."""
    own: Name | None = None
    """The identifier, of this namespace, of something that this run has made."""
    attested: Text | None = None
    """What has stood in this field of a result, a field that is labelled `attested`."""
    only_from: Text | None = None
    """What has stood in this field of a result, whoever wrote it: you trust the choice as well."""
    quoted_from: ToolName | None = None
    """What stands word for word in a result of this tool; for `egress` reads only."""
    select: Select | None = None
    """What the runtime computes."""
    day: Text | None = None
    """Any time of this day, such as `2026-05-15`."""
    after: After | None = None
    """So many minutes after another argument of the same call."""
    like: Text | None = None
    """A text of this form, `*` for what only reading can tell: its words are the model's all the same."""
    from_prompt: Literal[True] | None = None
    """What stands word for word in the user's own words; for `from: principal` only."""
    max: Number | None = None
    """Any number up to this."""
    min: Number | None = None
    """Any number from this on."""
    free: Literal[True] | None = None
    """Anything: a content under its rules; an authority is asked about unless its value is endorsed."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        forms = {name for name in self.model_fields_set if name not in ("max", "min")}
        if self.model_fields_set & {"max", "min"}:
            forms.add("max")
        if len(forms) != 1:
            raise ValueError("an argument of a template is filled in exactly one way, such as `{free: true}`")
        return self


def _pin(value: Any) -> Any:
    pinned: dict[str, Any] = {"value": value}
    return pinned if isinstance(value, (str, int, float, bool, list)) else value  # pyright: ignore[reportUnknownVariableType] - any JSON


class Template(Part):
    """A call that may be made: its tool and what each argument may be. What is not named must be absent."""

    tool: ToolName
    """Which tool."""
    args: dict[Text, Annotated[Hole, BeforeValidator(_pin)]] = Field(default_factory=dict[str, Hole])
    """What each argument may be; a plain value is exactly that value."""
    uses: int = Field(1, gt=0)
    """How many calls of one run it permits."""


class Endorsement(Part):
    """One value that somebody vouches for, until a day."""

    type: Name
    """The namespace of the arguments that it may fill."""
    value: Scalar
    """The value itself."""
    owner: Text
    """Who vouches for it."""
    until: Text
    """The last day on which it counts, as `2027-03-31`."""

    @model_validator(mode="after")
    def _a_day(self) -> Self:
        try:
            date.fromisoformat(self.until)
        except ValueError:
            raise ValueError("`until` is a day, such as `2027-03-31`") from None
        return self


class Guard(Part):
    """How calls are guarded once the agent has read what strangers wrote."""

    planner: bool = False
    """Whether a model that sees the user's own words only writes templates first (`from: principal`)."""
    suspicious_from: float | None = Field(None, gt=0, le=1)
    """After a result of this suspicion or more, a guarded call that would be made is asked about first;
    without it, results are not screened; with 1, they are screened and nothing is asked."""
    denials: int = Field(5, gt=0)
    """After so many denied calls the run ends as `injection_suspected`."""
