"""The demo company's six projects, with their boards and tasks."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DemoProject:
    """A project. Days are counted from today; `customer` is the country whose first organization is the customer."""

    name: str
    description: str
    status: str
    customer: str
    starts_in_days: int
    due_in_days: int
    budget_minutes: int | None
    color: str
    tags: tuple[str, ...]
    titles: tuple[str, ...]
    subtasks: tuple[str, str, str]
    columns: tuple[str, ...] = field(default=("To do", "In progress", "Done"))


DEMO_PROJECTS = (
    DemoProject(
        "Website relaunch",
        "A **faster** website in German and English.\n\n1. Content first\n2. Design second\n3. Then everything else",
        "active", "DE", -40, 30, 18_000, "#2f6fed", ("web", "design"),
        (
            "Interview five customers", "Write the texts for the start page", "Translate the texts into English",
            "Choose typefaces", "Design the product pages", "Check contrast and keyboard use", "Set up the server",
            "Move the blog posts", "Redirect the old addresses", "Measure loading times", "Train the editors",
        ),
        ("Draw the navigation", "Draw the footer", "Show both to the customer"),
        ("Ideas", "To do", "In progress", "Review", "Done"),
    ),
    DemoProject(
        "Warehouse move",
        "From the old hall into the new one **without a day of standstill**.",
        "active", "FR", -90, -6, 30_000, "#d9822b", ("logistics",),
        (
            "Measure the new hall", "Order shelves", "Get three quotes from hauliers", "Number the pallets",
            "Tell the insurers", "Book the forklifts", "Move the slow sellers", "Move the fast sellers",
            "Count the stock", "Hand over the old keys", "Thank everybody",
        ),
        ("Plan the fire exits", "Have the plan signed off", "Put up the signs"),
    ),
    DemoProject(
        "Trade fair in Osaka",
        "Our first stand in Japan. See the `checklist` of the organisers.",
        "planned", "JP", 14, 120, 9_600, "#12875f", ("fair", "Japan"),
        (
            "Reserve the stand", "Book flights", "Find an interpreter", "Print leaflets (日本語)", "Ship the samples",
            "Prepare small gifts", "Arrange meetings", "Learn to bow properly", "Rent a screen", "Test the voltage",
            "Write the follow-up letters",
        ),
        ("Ask for a carnet", "List serial numbers", "Have it stamped"),
    ),
    DemoProject(
        "Spice label redesign",
        "Labels that can be read on a dark shelf; waits for the customer's new logo.",
        "on_hold", "IN", -25, 45, 4_800, "#a4508b", ("design", "print"),
        (
            "Collect the legal texts", "Photograph the jars", "Choose paper", "Sketch three labels", "Check the Hindi",
            "Check the allergens", "Ask the printers", "Print a proof", "Approve the colours", "Order the first run",
            "Archive the files",
        ),
        ("Sketch with stripes", "Sketch with a map", "Sketch with nothing at all"),
    ),
    DemoProject(
        "Coffee import 2026",
        "Two containers from São Paulo to Hamburg.",
        "done", "BR", -200, -60, 12_000, "#6b4226", ("import",),
        (
            "Taste the samples", "Fix the price", "Sign the contract", "Open the letter of credit", "Book the ship",
            "Insure the cargo", "Declare to customs", "Unload the containers", "Check the humidity", "Pay the balance",
            "File the papers",
        ),
        ("Roast sample A", "Roast sample B", "Roast sample C"),
    ),
    DemoProject(
        "Bookkeeping switch",
        "From paper to software. _Finished last year, kept for reference._",
        "archived", "PL", -420, -300, None, "#5c7080", ("internal",),
        (
            "List the accounts", "Choose the software", "Import the balances", "Scan the receipts", "Train the team",
            "Close the quarter", "Compare both books", "Tell the tax adviser", "Cancel the old licence", "Back up",
            "Celebrate",
        ),
        ("Export the customers", "Export the suppliers", "Check the totals"),
    ),
)  # fmt: skip

# Title, days until due, recurrence.
PERSONAL = (
    ("Send the invoices", 3, "FREQ=MONTHLY;BYMONTHDAY=1"),
    ("Water the plants", 1, "FREQ=WEEKLY;BYDAY=MO,TH"),
    ("Renew the domain", 40, "FREQ=YEARLY"),
    ("Call the landlord back", -2, None),
    ("Read the data protection notes", None, None),
    ("Back up the laptop", 5, "FREQ=WEEKLY;INTERVAL=2;COUNT=10"),
)

LABELS = ("urgent", "waiting", "phone", "writing", "on site", "money")
DESCRIPTIONS = (
    "## Why\n\nThe customer asked for it.\n\n- [ ] call\n- [x] write\n",
    "See the [notes](https://example.com/notes). **Do not** forget the receipt.",
    "> As discussed on the phone.\n\n```\n12 pieces, 3 boxes\n```",
    None,
    None,
)
